import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'

/** What of the driver's connection its types leave out. */
interface Wire extends pg.Connection {
  stream: Socket & { encrypted?: boolean }
  connect(portOrPath: number | string, host?: string): void
  attachListeners(stream: Socket): void
  requestSsl(): void
  cancel(processId: number, secretKey: number): void
}

interface WireConfig {
  ssl?: ConnectionOptions | false | undefined
  keepAlive?: boolean | undefined
}

type WireClass = new (config: WireConfig) => Wire

const Connection = pg.Connection as unknown as WireClass

const refusal = 0x4e

/**
 * TLS as libpq's `prefer` has it (manual, 34.19): where the server answers the wish for TLS with a no, the same connection
 * goes on without. Everything else ends it: once TLS is offered, nothing leads back.
 */
class PreferringConnection extends Connection {
  override connect(portOrPath: number | string, host?: string): void {
    super.connect(portOrPath, host)
    const [negotiate] = this.stream.listeners('data')
    this.stream.removeAllListeners('data')
    this.stream.once('data', (answer: Buffer) => {
      // What stands behind the one byte was sent by somebody else.
      if (answer.length !== 1 || answer[0] !== refusal) negotiate?.call(this.stream, answer)
      else {
        this.attachListeners(this.stream)
        this.emit('sslconnect')
      }
    })
  }
}

/** A client whose TLS is preferred, and not required. */
export class PreferringClient extends pg.Client {
  constructor(config: pg.ClientConfig = {}) {
    const { ssl, keepAlive } = config as WireConfig
    const connection = new PreferringConnection({ ssl, keepAlive })
    // A pool hides the password of its options from whoever lists their names.
    super({ ...config, password: config.password, connection } as pg.ClientConfig)
  }
}

const wireOf = (client: pg.Client) => (client as unknown as { connection: Wire }).connection

/** Whether what goes over a client's connection is encrypted. */
export const isEncrypted = (client: pg.Client): boolean => wireOf(client).stream.encrypted === true

/** Closes a client's socket without a word to the server. */
export const destroySocket = (client: pg.Client): void => {
  wireOf(client).stream.destroy()
}

/**
 * Asks the server to cancel what a client's connection runs, by the key that the connection was given (protocol, 55.2.8): a
 * pooler, whose process ids are its own, hands that on to the backend. Resolves when the server has closed the request,
 * by when it has signalled the backend; rejects where it does not take it in time.
 */
export function requestCancel(
  client: pg.Client,
  { ssl }: { ssl: ConnectionOptions | false },
  timeoutMs: number,
): Promise<void> {
  const { processID, secretKey, host, port } = client as pg.Client & { processID: number; secretKey: number }
  const wire =
    wireOf(client) instanceof PreferringConnection
      ? new PreferringConnection({ ssl })
      : new Connection({ ssl })
  return new Promise((resolve, reject) => {
    let isSent = false
    const send = () => {
      isSent = true
      wire.cancel(processID, secretKey)
    }
    const timer = setTimeout(() => {
      reject(new Error(`The server took no cancel within ${timeoutMs / 1000} s`))
      wire.stream.destroy()
    }, timeoutMs)
    wire.once('connect', () => (ssl ? wire.requestSsl() : send()))
    wire.once('sslconnect', send)
    wire.on('error', (error) => {
      // A server may close with a reset.
      if (!isSent) reject(error)
    })
    wire.once('end', () => {
      clearTimeout(timer)
      if (isSent) resolve()
      else reject(new Error('The server closed before it took the cancel'))
    })
    if (host.startsWith('/')) wire.connect(`${host}/.s.PGSQL.${port}`)
    else wire.connect(port, host)
  })
}
