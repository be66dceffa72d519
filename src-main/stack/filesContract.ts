import { z } from 'zod'
import { contract } from '../contract.ts'

export const stackFileSchema = z.object({
  /** Absolute. */
  path: z.string(),
  name: z.string(),
  kind: z.enum(['compose', 'override', 'variables']),
  exists: z.boolean(),
  /** Earlier texts that are kept. */
  versions: z.number().int(),
})

export type StackFile = z.infer<typeof stackFileSchema>

const inProject = z.object({ project: z.string().min(1).max(255).optional() })
const onFile = inProject.extend({ path: z.string().min(1).max(4096) })

/** The files of a stack, edited in the app. Only those that `list` names can be read or written. */
export const stackFilesContract = {
  list: contract
    .route({ method: 'GET', path: '/stack/files' })
    .input(inProject)
    .output(z.array(stackFileSchema)),
  /** The text, empty where there is no file yet, and what `save` needs to know that nobody else changed it. */
  read: contract
    .route({ method: 'GET', path: '/stack/file' })
    .input(onFile)
    .output(z.object({ text: z.string(), checksum: z.string() })),
  /** Writes a text as one act and keeps the one before. `CONFLICT` where the file is another than the one that was read. */
  save: contract
    .route({ method: 'PUT', path: '/stack/file' })
    .input(onFile.extend({ text: z.string().max(2_000_000), checksum: z.string() }))
    .output(z.object({ checksum: z.string() })),
  /** Earlier texts, the newest first. */
  listVersions: contract
    .route({ method: 'GET', path: '/stack/file/versions' })
    .input(onFile)
    .output(z.array(z.object({ id: z.number().int(), replacedAt: z.date(), sizeBytes: z.number() }))),
  readVersion: contract
    .route({ method: 'GET', path: '/stack/file/versions/{id}' })
    .input(onFile.extend({ id: z.coerce.number().int() }))
    .output(z.object({ text: z.string() })),
}
