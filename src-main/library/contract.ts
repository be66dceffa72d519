import { z } from 'zod'
import { contract } from '../contract.ts'

export const libraryKinds = ['query', 'snippet'] as const

/** A text that somebody keeps: a query to be run again, or a snippet that is typed by its name. */
export const libraryEntrySchema = z.object({
  id: z.string(),
  kind: z.enum(libraryKinds),
  /** Parts between slashes: `finance/month end`; empty is the top. */
  folder: z.string().max(200),
  name: z.string().min(1).max(100),
  text: z.string(),
  updatedAt: z.date(),
})

export type LibraryEntry = z.infer<typeof libraryEntrySchema>

export const libraryContract = {
  /** All that is kept, in folders, by name; the same in every environment. */
  list: contract.route({ method: 'GET', path: '/library' }).output(z.array(libraryEntrySchema)),
  /** Keeps a text: anew without an id. `CONFLICT` where the folder has one of this name. */
  save: contract
    .input(
      z.object({
        id: z.string().optional(),
        kind: z.enum(libraryKinds).default('query'),
        folder: z.string().trim().max(200).default(''),
        name: z.string().trim().min(1).max(100),
        text: z
          .string()
          .min(1)
          .max(4 * 1024 * 1024),
      }),
    )
    .output(libraryEntrySchema),
  remove: contract
    .route({ method: 'DELETE', path: '/library/{id}' })
    .input(z.object({ id: z.string() }))
    .output(z.object({ id: z.string() })),
}
