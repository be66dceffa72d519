import { z } from 'zod'
import { contract } from '../../contract.ts'
import { startedJobSchema } from '../../jobs/contract.ts'
import { objectName } from '../detailContract.ts'
import { fileEntrySchema, fileTextSchema } from '../inside/filesContract.ts'

const volume = z.object({ name: objectName })
/** From the root of the volume. */
const place = volume.extend({ path: z.string().min(1).max(4096).startsWith('/') })
/** On the machine that Atlas runs on. */
const file = z.string().min(1).max(4096)

/** What is in a volume of a compose project, whether something runs on it or not, and copies of it. */
export const volumesContract = {
  /** Lists a folder with a container that mounts the volume for reading and ends. `UNSUPPORTED` where no image can. */
  listFiles: contract
    .route({ method: 'GET', path: '/containers/volumes/{name}/files' })
    .input(place)
    .output(z.object({ entries: z.array(fileEntrySchema) })),
  readFile: contract
    .route({ method: 'GET', path: '/containers/volumes/{name}/file' })
    .input(place)
    .output(fileTextSchema),
  /** Copies a volume into a new one; what runs on it is frozen meanwhile. */
  clone: contract
    .route({ method: 'POST', path: '/containers/volumes/{name}/clone' })
    .input(volume.extend({ to: objectName }))
    .output(startedJobSchema),
  /** Writes a volume into a `.tar.gz`, by default into the data folder; never over a file that is there. */
  export: contract
    .route({ method: 'POST', path: '/containers/volumes/{name}/export' })
    .input(volume.extend({ file: file.optional() }))
    .output(startedJobSchema),
  /**
   * Replaces what is in a volume by such a file, which is read to its end first; what was there is exported before.
   * `confirm` is the volume's name, typed: else `CONFIRMATION_NEEDED`. `CONFLICT` while something runs on it.
   */
  import: contract
    .route({ method: 'POST', path: '/containers/volumes/{name}/import' })
    .input(volume.extend({ file, confirm: z.string() }))
    .output(startedJobSchema),
}
