import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A key and a self-signed certificate for `localhost` that was good for the January of 2020. */
export function makeExpired(below: string): { certificate: string; key: string } {
  const folder = mkdtempSync(join(below, 'expired-'))
  const place = (name: string) => join(folder, name)
  const [key, request, certificate, settings] = ['key.pem', 'request.pem', 'cert.pem', 'ca.cnf'].map(
    place,
  ) as [string, string, string, string]
  writeFileSync(place('index.txt'), '')
  // `openssl req` makes none that lies in the past; an authority of its own may.
  writeFileSync(
    settings,
    `[ca]
default_ca = own
[own]
database = ${place('index.txt')}
new_certs_dir = ${folder}
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = DNS:localhost
`,
  )
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key]
  openssl('req', '-new', ...newKey, '-subj', '/CN=localhost', '-out', request)
  const past = ['-startdate', '20200101000000Z', '-enddate', '20200201000000Z']
  openssl(
    'ca',
    '-batch',
    '-selfsign',
    '-config',
    settings,
    '-keyfile',
    key,
    '-in',
    request,
    '-out',
    certificate,
    ...past,
  )
  return { certificate, key }
}
