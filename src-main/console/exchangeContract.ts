import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../contract.ts'

const startedJob = z.object({ jobId: z.string() })

export const textFormats = ['csv', 'tsv', 'jsonl', 'json', 'markdown', 'insert'] as const
export type TextFormat = (typeof textFormats)[number]

export const fileFormats = ['csv', 'tsv', 'jsonl', 'json', 'markdown', 'insert', 'parquet', 'xlsx'] as const
export type FileFormat = (typeof fileFormats)[number]

export const importFormats = ['csv', 'jsonl', 'parquet'] as const

const written = {
  hasHeader: z.boolean().default(true),
  /** Puts an apostrophe before text that a spreadsheet would take for a formula. Numbers stay. */
  neutraliseFormulas: z.boolean().default(false),
  /** The table that SQL inserts name. */
  table: z.string().optional(),
}

const importFile = z.object({
  path: z.string().min(1),
  format: z.enum(importFormats),
  /** Of CSV. */
  delimiter: z.string().length(1).default(','),
  hasHeader: z.boolean().default(true),
})

export const filePreviewSchema = z.object({
  sizeBytes: z.number(),
  columns: z.array(
    z.object({
      name: z.string(),
      /** What its first values would fit in. */
      type: z.string(),
    }),
  ),
  /** The first rows. */
  rows: z.array(z.array(z.string().nullable())),
})

export type FilePreview = z.infer<typeof filePreviewSchema>

/** Results out to files, files in to tables. */
export const exchangeContract = {
  /** A result, or a rectangle of it, as text in pieces. */
  export: contract
    .input(
      z.object({
        resultId: z.string(),
        /** Of `arrange`: rows are taken in its order. */
        arrangementId: z.string().optional(),
        format: z.enum(textFormats),
        rows: z.object({ from: z.number().int().min(0), count: z.number().int().min(1) }).optional(),
        columns: z.array(z.number().int().min(0)).optional(),
        ...written,
      }),
    )
    .output(eventIterator(z.string())),
  /** Where a file of this name would go: a folder that exists on the machine that Atlas runs on. */
  suggestPath: contract
    .route({ method: 'GET', path: '/console/suggest-path' })
    .input(z.object({ name: z.string() }))
    .output(z.object({ path: z.string() })),
  /**
   * Writes a result to a file as a job. While it is written, and if that fails, the file is named `.partial`. `again` runs
   * the statement once more and takes every row; else those that are held are written.
   */
  exportFile: contract
    .route({ method: 'POST', path: '/console/export-file' })
    .input(
      z.object({
        resultId: z.string(),
        format: z.enum(fileFormats),
        path: z.string().min(1),
        isReplacing: z.boolean().default(false),
        again: z.boolean().default(false),
        ...written,
      }),
    )
    .output(startedJob),
  /** Writes one value to a file as it is, whatever its size; `bytea` as bytes. */
  exportValue: contract
    .route({ method: 'POST', path: '/console/export-value' })
    .input(
      z.object({
        resultId: z.string(),
        row: z.number().int().min(0),
        column: z.number().int().min(0),
        path: z.string().min(1),
        isReplacing: z.boolean().default(false),
      }),
    )
    .output(z.object({ sizeBytes: z.number() })),
  /** The columns of a file with a type that their first values fit in, and its first rows. */
  previewFile: contract
    .route({ method: 'POST', path: '/console/preview-file' })
    .input(importFile)
    .output(filePreviewSchema),
  /**
   * Copies a file into a table as a job, in one transaction. Rows that the server refuses go to `<table>_rejects` with line,
   * SQLSTATE and text; past `maxRejects` nothing is imported.
   */
  importFile: contract
    .route({ method: 'POST', path: '/console/import-file' })
    .input(
      importFile.extend({
        schema: z.string().min(1),
        table: z.string().min(1),
        /** For each column of the file the column of the table that takes it, or null. */
        mapping: z.array(z.string().min(1).nullable()),
        /** Makes the table first, with these types for the mapped columns. */
        createWith: z.array(z.string()).optional(),
        maxRejects: z.number().int().min(0).default(10_000),
      }),
    )
    .output(startedJob),
}
