import { z } from 'zod'
import { contract } from '../contract.ts'

/** The settings of a service that have fields of their own. */
export const formFieldNames = [
  'image',
  'command',
  'ports',
  'environment',
  'volumes',
  'depends_on',
  'healthcheck.test',
  'healthcheck.interval',
  'healthcheck.timeout',
  'healthcheck.retries',
  'healthcheck.start_period',
  'cpus',
  'memory',
  'restart',
  'profiles',
] as const

export type FormFieldName = (typeof formFieldNames)[number]

/** What a person should know of a value, and the line that says why. */
export const formNoteSchema = z.object({
  message: z.string(),
  file: z.string(),
  line: z.number().int().positive(),
  /** It cannot be changed here: only in that line. */
  isLocked: z.boolean(),
})

export type FormNote = z.infer<typeof formNoteSchema>

/** What a text becomes when its variables are filled in. */
export const filledSchema = z.object({
  text: z.string(),
  isSecret: z.boolean(),
  /** Why nothing can be filled in: a variable that must be set and is not. */
  problem: z.string().optional(),
  variables: z.array(
    z.object({
      name: z.string(),
      /** `.env`, `the environment`, `its default`, or `not set`. */
      from: z.string(),
    }),
  ),
})

export type Filled = z.infer<typeof filledSchema>

/**
 * One entry of a list or mapping, or a whole value. Cells: `text` of a value (the entries of a list a line each);
 * `hostIp`, `published`, `target`, `protocol` of a port; `name`, `value` of a variable; `source`, `target`, `options` of a
 * volume; `service`, `condition`, `restart`, `required` of a dependency. A cell that is not there was not written.
 */
export const formRowSchema = z.object({
  cells: z.record(z.string(), z.string()),
  filled: z.record(z.string(), filledSchema),
  isSecret: z.boolean(),
  /** Null where it does not stand in this file. */
  line: z.number().int().positive().nullable(),
  endLine: z.number().int().positive().nullable(),
  note: formNoteSchema.nullable(),
})

export type FormRow = z.infer<typeof formRowSchema>

export const formFieldSchema = z.object({
  name: z.enum(formFieldNames),
  kind: z.enum(['text', 'lines', 'rows']),
  /** Of `text` and `lines` one, or none where it is not set. */
  rows: z.array(formRowSchema),
  line: z.number().int().positive().nullable(),
  note: formNoteSchema.nullable(),
})

export type FormField = z.infer<typeof formFieldSchema>

export const serviceFormSchema = z.object({
  service: z.string(),
  notes: z.array(formNoteSchema),
  fields: z.array(formFieldSchema),
})

export type ServiceForm = z.infer<typeof serviceFormSchema>

/** A variable that the files of the stack use, or that an env file sets. */
export const formVariableSchema = z.object({
  name: z.string(),
  isSecret: z.boolean(),
  /** A file stops without it: `${NAME:?…}`. */
  isRequired: z.boolean(),
  /** Nothing sets it: neither the text, nor another file of variables, nor the process. */
  isMissing: z.boolean(),
  /** What is taken where it is not set: `${NAME:-…}`. */
  fallback: z.string().nullable(),
  uses: z.array(z.object({ file: z.string(), line: z.number().int().positive(), place: z.string() })),
})

export type FormVariable = z.infer<typeof formVariableSchema>

/** `text` stands in for the file of this path: it is what the editor holds. */
const onText = z.object({
  project: z.string().min(1).max(255).optional(),
  path: z.string().min(1).max(4096),
  text: z.string().max(2_000_000),
})
const onService = onText.extend({ service: z.string().min(1).max(255) })

/** The files of a stack as forms. Nothing here writes a file: what is changed is a text, which `stackFiles.save` takes. */
export const stackFormContract = {
  /** The services of all files, and whether this one says something of each. */
  listServices: contract
    .route({ method: 'POST', path: '/stack/form/services' })
    .input(onText)
    .output(z.array(z.object({ name: z.string(), isHere: z.boolean() }))),
  /** What this file says of a service, field by field. `INPUT_INVALID` where its YAML cannot be read. */
  describe: contract
    .route({ method: 'POST', path: '/stack/form/service' })
    .input(onService)
    .output(serviceFormSchema),
  /**
   * The text with one value changed, all else as it was. `cells` are those that change; null removes the entry. A `row`
   * beyond the last adds one.
   * `INPUT_INVALID` where the change would reach beyond the value.
   */
  apply: contract
    .route({ method: 'POST', path: '/stack/form/apply' })
    .input(
      onService.extend({
        field: z.enum(formFieldNames),
        row: z.number().int().nonnegative(),
        cells: z.record(z.string(), z.string()).nullable(),
      }),
    )
    .output(z.object({ text: z.string() })),
  /** The variables of a stack, each with the places that use it; `text` is a file of variables. */
  listVariables: contract
    .route({ method: 'POST', path: '/stack/form/variables' })
    .input(onText)
    .output(z.array(formVariableSchema)),
  /** A new value for a secret, in the shape that its name asks for. */
  generate: contract
    .route({ method: 'POST', path: '/stack/form/secret' })
    .input(z.object({ name: z.string().min(1).max(255) }))
    .output(z.object({ value: z.string() })),
}
