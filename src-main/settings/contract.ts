import { z } from 'zod'
import { contract } from '../contract.ts'

export const settingsContract = {
  /** Facts about this Atlas: version, data folder, host. */
  about: contract.route({ method: 'GET', path: '/about' }).output(
    z.object({
      version: z.string(),
      home: z.string(),
      host: z.enum(['electron', 'server', 'worker', 'cli']),
      node: z.string(),
      /** Where the key that encrypts the secrets is kept. */
      secretsKey: z.enum(['keychain', 'file']),
      secretsKeyDetail: z.string(),
    }),
  ),
  /** What the screen asked to keep: editors, layout, appearance. The values are the screen's own. */
  list: contract.route({ method: 'GET', path: '/settings' }).output(z.record(z.string(), z.unknown())),
  update: contract
    .route({ method: 'PUT', path: '/settings/{key}' })
    .input(z.object({ key: z.string().min(1).max(200), value: z.unknown() }))
    .output(z.object({ key: z.string() })),
}
