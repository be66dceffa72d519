import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pack } from 'tar-stream'

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** A registry with one image of one file, over HTTP, which engines speak with this machine. OCI distribution, "Pull". */
export async function startRegistry(name: string, file: { path: string; text: string }) {
  const tar = pack()
  tar.entry({ name: file.path }, file.text)
  tar.finalize()
  const parts: Buffer[] = []
  for await (const part of tar) parts.push(part as Buffer)
  const layer = Buffer.concat(parts)
  const config = Buffer.from(
    JSON.stringify({
      architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch,
      os: 'linux',
      config: { Cmd: ['/none'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(layer)] },
      history: [{ created_by: 'test' }],
    }),
  )
  const type = 'application/vnd.docker.distribution.manifest.v2+json'
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: type,
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: digestOf(config),
      },
      layers: [
        {
          mediaType: 'application/vnd.docker.image.rootfs.diff.tar',
          size: layer.length,
          digest: digestOf(layer),
        },
      ],
    }),
  )
  const blobs = new Map([layer, config].map((bytes) => [digestOf(bytes), bytes]))
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    asked.push(path)
    const isManifest = path.startsWith(`/v2/${name}/manifests/`)
    const bytes = isManifest ? manifest : blobs.get(path.split('/').at(-1) ?? '')
    if (path === '/v2/') return response.end('{}')
    if (!bytes) return response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': isManifest ? type : 'application/octet-stream',
      'content-length': bytes.length,
      'docker-content-digest': digestOf(bytes),
    })
    return request.method === 'HEAD' ? response.end() : response.end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    image: `127.0.0.1:${(server.address() as AddressInfo).port}/${name}:1`,
    asked: asked as readonly string[],
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
