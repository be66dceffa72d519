import { z } from 'zod'

/** A name or id as the engine allows them (moby, daemon/names/names.go): nothing in it can lead to another object's path. */
export const objectName = z
  .string()
  .max(255)
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/)

/** One second of a container. Rates are since the sample before. */
export const sampleSchema = z.object({
  service: z.string(),
  container: z.string(),
  at: z.number(),
  /** Of one core: 200 is two cores. */
  cpuPercent: z.number(),
  memoryBytes: z.number(),
  receivedBytesPerS: z.number(),
  sentBytesPerS: z.number(),
  readBytesPerS: z.number(),
  writtenBytesPerS: z.number(),
  processes: z.number(),
})

export type Sample = z.infer<typeof sampleSchema>

export const detailSchema = z.object({
  id: z.string(),
  name: z.string(),
  image: z.object({
    name: z.string(),
    id: z.string(),
    digest: z.string().nullable(),
    createdAt: z.date().nullable(),
    sizeBytes: z.number().nullable(),
    architecture: z.string(),
  }),
  command: z.string(),
  user: z.string(),
  restartPolicy: z.string(),
  environment: z.array(z.object({ name: z.string(), value: z.string(), isSecret: z.boolean() })),
  labels: z.array(z.object({ name: z.string(), value: z.string() })),
  mounts: z.array(
    z.object({
      type: z.string(),
      source: z.string(),
      target: z.string(),
      isWritable: z.boolean(),
      sizeBytes: z.number().nullable(),
    }),
  ),
  networks: z.array(z.object({ name: z.string(), address: z.string(), aliases: z.array(z.string()) })),
  healthLog: z.array(z.object({ at: z.date(), exitCode: z.number().int(), output: z.string() })),
  /** The engine's own answer as JSON, with secrets masked. */
  inspect: z.string(),
})

export type Detail = z.infer<typeof detailSchema>

export const volumeSchema = z.object({
  name: z.string(),
  key: z.string(),
  driver: z.string(),
  createdAt: z.date().nullable(),
  sizeBytes: z.number().nullable(),
  /** The newest time among the files that tell of writes; null where nothing uses it. */
  lastWriteAt: z.date().nullable(),
  usedBy: z.array(z.string()),
})

export type Volume = z.infer<typeof volumeSchema>

/** Work that would be lost or interrupted if a service stopped now. */
export const dependentWorkSchema = z.object({
  kind: z.enum(['transaction', 'run', 'migration', 'service', 'client']),
  name: z.string(),
  detail: z.string(),
  since: z.date().nullable(),
})

export type DependentWork = z.infer<typeof dependentWorkSchema>
