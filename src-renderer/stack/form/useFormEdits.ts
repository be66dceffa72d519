import { useMutation } from '@tanstack/react-query'
import type { FormFieldName } from '../../../src-main/stack/formContract.ts'
import { client } from '../../rpc/client.ts'

/** Changes of one text are made one after the other, and a save waits for those before it. */
export const editScope = { id: 'stack form' }

export interface FormEdit {
  field: FormFieldName
  row: number
  cells: Record<string, string> | null
}

/** Makes a change; answers whether the text took it. */
export type MakeEdit = (edit: FormEdit) => Promise<boolean>

/** The last change, where the text did not take it. */
export interface Refusal extends FormEdit {
  message: string
}

/** The text of a compose file that a form changes. */
export interface FormText {
  path: string
  project: string | undefined
  /** What stands in the editor this moment. */
  readText: () => string
  onChange: (text: string) => void
}

export function useFormEdits({ path, project, readText, onChange }: FormText, service: string) {
  const { mutateAsync, error, variables } = useMutation({
    scope: editScope,
    mutationFn: async (edit: FormEdit) => {
      const input = { path, text: readText(), service, ...(project && { project }) }
      const { text } = await client.stackForm.apply({ ...input, ...edit })
      onChange(text)
    },
  })
  const make: MakeEdit = (edit) =>
    mutateAsync(edit).then(
      () => true,
      () => false,
    )
  const refusal: Refusal | undefined =
    error && variables ? { ...variables, message: error.message } : undefined
  return { make, refusal }
}
