import { isMap } from 'yaml'
import type { ServiceOf } from '../../contract.ts'
import { AtlasError } from '../../errors.ts'
import type { LoadedStack } from '../compose/project.ts'
import { generateSecret } from '../files/envFile.ts'
import { readText } from '../files/readText.ts'
import type { stackFormContract } from '../formContract.ts'
import type { OpenStack } from '../known.ts'
import { applyEdit, namesOf } from './apply.ts'
import { describeService } from './describe.ts'
import { type FormFile, openFormFile } from './notes.ts'
import { UneditableError } from './places.ts'
import { listVariables } from './variables.ts'
import { nodeAt } from './yamlEdit.ts'

interface Dependencies {
  open: OpenStack
}

/** The files of a stack as forms: what stands in them field by field, and a text with one of them changed. */
export function createStackForm({ open }: Dependencies): ServiceOf<typeof stackFormContract> {
  const openText = ({ project, path, text }: { project?: string | undefined; path: string; text: string }) =>
    open(project ? { project } : {}, { texts: { [path]: text } })
  return {
    listServices: async ({ path, text, ...input }) => {
      const { files } = await openText({ path, text, ...input })
      const own = openFormFile(text, path)
      if (!own.isValid) throw unreadable(path)
      const here = serviceNames(own)
      const all = files.flatMap((file) =>
        file === path ? here : serviceNames(openFormFile(readText(file), file)),
      )
      return [...new Set([...here, ...all])].map((name) => ({ name, isHere: here.includes(name) }))
    },
    describe: async ({ path, text, service, ...input }) => {
      const file = openFormFile(text, path)
      if (!file.isValid) throw unreadable(path)
      const stack = await openText({ path, text, ...input })
      return describeService({ stack, file, others: otherFiles(stack, path) }, service)
    },
    apply: async ({ path, text, ...edit }) => {
      try {
        return { text: applyEdit(text, edit) }
      } catch (error) {
        if (!(error instanceof UneditableError)) throw error
        throw new AtlasError('INPUT_INVALID', `This cannot be changed here: ${error.message}`, {
          object: `${path}: services.${edit.service}.${edit.field}`,
          saved: 'The text is as it was.',
          next: 'Change it in the text.',
        })
      }
    },
    listVariables: async ({ path, text, ...input }) => {
      const { files, variables } = await openText({ path, text, ...input })
      return listVariables(
        files.map((file) => ({ path: file, text: readText(file) })),
        text,
        variables,
      )
    },
    generate: async ({ name }) => ({ value: generateSecret(name) }),
  }
}

function otherFiles({ files }: LoadedStack, path: string) {
  const own = files.indexOf(path)
  return files.flatMap((file, index) =>
    file === path ? [] : [{ file: openFormFile(readText(file), file), isLater: own !== -1 && index > own }],
  )
}

function serviceNames(file: FormFile): string[] {
  const services = nodeAt(file.root, ['services'])
  return isMap(services) ? namesOf(services) : []
}

const unreadable = (path: string) =>
  new AtlasError('INPUT_INVALID', 'The text cannot be shown as a form: it is no valid YAML', {
    object: path,
    next: 'Correct it in the text first.',
  })
