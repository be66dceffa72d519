import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract } from '../../contract.ts'
import { objectName } from '../detailContract.ts'

const size = {
  columns: z.number().int().min(2).max(500),
  rows: z.number().int().min(1).max(300),
}

/** `[REGISTRY/]NAME[:TAG][@DIGEST]`. */
const imageName = z
  .string()
  .max(255)
  .regex(/^[a-zA-Z0-9][\w./:@-]*$/)

export const shellEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('opened'), shellId: z.string() }),
  z.object({ kind: z.literal('output'), text: z.string() }),
  z.object({ kind: z.literal('ended'), exitCode: z.number().int().nullable() }),
])

export type ShellEvent = z.infer<typeof shellEventSchema>

/** A shell in a container, which ends with its feed. */
export const containerShellContract = {
  /**
   * Opens bash, or sh where there is none. `UNSUPPORTED` where the image has neither. With an `image` that is on the engine it
   * is a debug shell: one of that image, in a container beside this one that goes with the feed. `PERMISSION_DENIED` in
   * production.
   */
  open: contract
    .input(z.object({ id: objectName, image: imageName.optional(), ...size }))
    .output(eventIterator(shellEventSchema)),
  /** Images that are here and from which a debug shell beside the container can come, the one to offer first. Refused as it is. */
  listDebugImages: contract.input(z.object({ id: objectName })).output(z.array(z.string())),
  write: contract.input(z.object({ shellId: z.string(), text: z.string().max(1_000_000) })).output(z.void()),
  resize: contract.input(z.object({ shellId: z.string(), ...size })).output(z.void()),
}
