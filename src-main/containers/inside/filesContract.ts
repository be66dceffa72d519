import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../../contract.ts'
import { objectName } from '../detailContract.ts'

const place = { id: objectName, path: z.string().min(1).max(4096).startsWith('/') }

export const fileEntrySchema = z.object({
  name: z.string(),
  kind: z.enum(['file', 'folder', 'link', 'other']),
  sizeBytes: z.number(),
  modifiedAt: z.date(),
  mode: z.string(),
  owner: z.string(),
  /** Against the image: volumes are not part of one. */
  change: z.enum(['added', 'changed']).nullable(),
})

export type FileEntry = z.infer<typeof fileEntrySchema>

/** A file as text: its first megabyte; null where it is none. */
export const fileTextSchema = z.object({
  text: z.string().nullable(),
  sizeBytes: z.number(),
  isCut: z.boolean(),
})

export type FileText = z.infer<typeof fileTextSchema>

/** The most that one upload takes. */
export const uploadBytes = 16 * 1024 ** 2

/** The files of a running container. */
export const containerFilesContract = {
  list: contract
    .route({ method: 'GET', path: '/containers/{id}/files' })
    .input(z.object(place))
    .output(
      z.object({
        entries: z.array(fileEntrySchema),
        removed: z.array(z.string()),
        /** The most that one upload takes. */
        uploadBytes: z.number(),
      }),
    ),
  read: contract
    .route({ method: 'GET', path: '/containers/{id}/file' })
    .input(z.object(place))
    .output(fileTextSchema),
  /** Writes a text over a file, which keeps its owner and mode. */
  write: contract
    .route({ method: 'PUT', path: '/containers/{id}/file' })
    .input(z.object({ ...place, text: z.string().max(1_048_576) }))
    .output(z.object({ sizeBytes: z.number() })),
  /**
   * Makes a file of these bytes in a folder that is there, of the folder's owner; one that is written over keeps its owner
   * and mode. `CONFLICT` where there is one of its name and nobody said to write over it.
   */
  upload: contract
    .route({ method: 'POST', path: '/containers/{id}/upload' })
    .input(
      z.object({
        ...place,
        base64: z.base64().max(Math.ceil(uploadBytes / 3) * 4),
        shouldOverwrite: z.boolean().default(false),
      }),
    )
    .output(z.object({ sizeBytes: z.number() })),
  /** The bytes of a file in base64, piece by piece. */
  export: contract.input(z.object(place)).output(eventIterator(z.string())),
}
