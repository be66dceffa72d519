import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { AtlasError } from '../errors.ts'

/** Where the key that encrypts the secrets is kept. */
export type KeyPlace = 'keychain' | 'file'

export interface Secrets {
  readonly place: KeyPlace
  /** The place in words, for the settings. */
  readonly placeDetail: string
  /** Encrypts; what it returns names the place of its key. */
  seal(secret: string): string
  /** Throws `SECRETS_UNREADABLE` where the key is gone, or is another one. */
  unseal(sealed: string): string
}

const service = 'Atlas Desktop'
const keyBytes = 32

interface Key {
  place: KeyPlace
  key: Buffer
}

/**
 * AES-256-GCM with a key from the OS keychain, or, where there is none, from a file of mode 0600 in the data folder.
 * Every sealed secret remembers which of the two it needs, so that a keychain that comes or goes loses nothing.
 */
export async function openSecrets(home: string): Promise<Secrets> {
  const keyFile = join(home, 'secrets.key')
  const fromKeychain = await keychainKey(home)
  const keys: Record<KeyPlace, Key | undefined> = { keychain: fromKeychain, file: readKeyFile(keyFile) }
  const current = fromKeychain ?? keys.file ?? { place: 'file' as const, key: createKeyFile(home, keyFile) }
  keys[current.place] = current

  return {
    place: current.place,
    placeDetail: current.place === 'keychain' ? "The operating system's keychain" : keyFile,
    seal: (secret) => {
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', current.key, iv)
      const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return [
        current.place,
        ...[iv, cipher.getAuthTag(), body].map((part) => part.toString('base64url')),
      ].join(':')
    },
    unseal: (sealed) => {
      const [place, ...parts] = sealed.split(':')
      const [iv, tag, body] = parts.map((part) => Buffer.from(part, 'base64url'))
      try {
        const key = keys[place as KeyPlace]
        if (!key || !iv || !tag || !body) throw new Error('no key')
        const decipher = createDecipheriv('aes-256-gcm', key.key, iv)
        decipher.setAuthTag(tag)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new AtlasError(
          'SECRETS_UNREADABLE',
          'The stored secret cannot be decrypted',
          {
            object: place === 'keychain' ? "the operating system's keychain" : keyFile,
            saved: 'The encrypted secret was kept.',
            next: 'Unlock the keychain or bring the key file back; or type the password again.',
          },
          { cause },
        )
      }
    },
  }
}

/** The key from the keychain, made there on first use; undefined where there is no keychain, or none that answers. */
async function keychainKey(home: string): Promise<Key | undefined> {
  // Without a session bus the Linux keychain can only wait for one.
  if (process.platform === 'linux' && !process.env.DBUS_SESSION_BUS_ADDRESS) return undefined
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring')
    const entry = new AsyncEntry(service, home)
    const signal = AbortSignal.timeout(2000)
    const stored = await entry.getPassword(signal)
    if (stored) return { place: 'keychain', key: Buffer.from(stored, 'base64url') }
    const key = randomBytes(keyBytes)
    await entry.setPassword(key.toString('base64url'), signal)
    // A keychain that forgets at once is none.
    if ((await entry.getPassword(signal)) !== key.toString('base64url')) return undefined
    return { place: 'keychain', key }
  } catch {
    return undefined
  }
}

function readKeyFile(path: string): Key | undefined {
  try {
    const key = readFileSync(path)
    return key.length === keyBytes ? { place: 'file', key } : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new AtlasError(
      'SECRETS_UNREADABLE',
      'The key file cannot be read',
      {
        object: path,
        sqlState: (error as NodeJS.ErrnoException).code,
        next: 'Give its user the right to read it.',
      },
      { cause: error },
    )
  }
}

function createKeyFile(home: string, path: string): Buffer {
  mkdirSync(home, { recursive: true })
  const key = randomBytes(keyBytes)
  try {
    const file = openSync(path, 'wx', 0o600)
    writeSync(file, key)
    fsyncSync(file)
    closeSync(file)
    return key
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    // Another process made it in the same moment; or it holds something else, which must not be written over.
    const made = readKeyFile(path)
    if (made) return made.key
    throw new AtlasError('SECRETS_UNREADABLE', 'The key file does not hold a key', {
      object: path,
      next: 'Bring the right file back, or move it away and type the passwords again.',
    })
  }
}
