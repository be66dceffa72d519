import { readFileSync } from 'node:fs'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Path } from './composeFile.ts'

/** What the specification's schema has against a value, one for each place. */
export interface SchemaFault {
  path: Path
  message: string
  /** The name of the field is the fault, not its value. */
  isKey: boolean
}

/** Validates against the Compose Specification's JSON schema; compiles it once, on first use. */
export function createSchemaCheck(schemaFile: string): (value: unknown) => SchemaFault[] {
  let validate: ValidateFunction | undefined
  return (value) => {
    // The schema's formats (durations, ports) are read by the code that needs them, with messages of its own.
    validate ??= new Ajv({
      allErrors: true,
      verbose: true,
      strict: false,
      validateFormats: false,
      validateSchema: false,
    }).compile(JSON.parse(readFileSync(schemaFile, 'utf8')) as object)
    return validate(value) ? [] : explain(validate.errors ?? [])
  }
}

/**
 * A value that fits none of several forms fails in each of them. Only the faults that lie deepest speak of what the
 * author meant; those of one place are said as one.
 */
function explain(errors: ErrorObject[]): SchemaFault[] {
  const telling = errors.filter(({ keyword }) => !['oneOf', 'anyOf', 'if', 'not'].includes(keyword))
  const places = Map.groupBy(telling.length > 0 ? telling : errors, ({ instancePath }) => instancePath)
  const faults: SchemaFault[] = []
  for (const [place, found] of places) {
    const isInside = [...places.keys()].some((other) => other.startsWith(`${place}/`))
    const named = found.filter(({ keyword }) => keyword === 'additionalProperties' || keyword === 'required')
    if (isInside && named.length === 0) continue
    faults.push(...faultsAt(place, named.length > 0 ? named : found))
  }
  return faults
}

function faultsAt(place: string, errors: ErrorObject[]): SchemaFault[] {
  const path = place
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step))
  const unknown = [
    ...new Set(
      errors.flatMap(({ params }) =>
        typeof params.additionalProperty === 'string' ? [params.additionalProperty] : [],
      ),
    ),
  ]
  if (unknown.length > 0) {
    return unknown.map((name) => ({
      path: [...path, name],
      message: `${name} is no field of ${path.length === 0 ? 'a compose file' : describePlace(path)}`,
      isKey: true,
    }))
  }
  const missing = errors.find(({ keyword }) => keyword === 'required')
  if (missing)
    return [{ path, message: `${String(missing.params.missingProperty)} is missing`, isKey: false }]
  const types = [
    ...new Set(errors.flatMap(({ keyword, params }) => (keyword === 'type' ? [params.type].flat() : []))),
  ]
  const values = [...new Set(errors.flatMap(({ params }) => (params.allowedValues ?? []) as unknown[]))]
  const message =
    types.length > 0
      ? `must be ${types.map(articled).join(' or ')}, and is ${nameOf(errors[0]?.data)}`
      : values.length > 0
        ? `must be one of ${values.join(', ')}`
        : (errors[0]?.message ?? 'is not valid')
  return [{ path, message, isKey: false }]
}

function describePlace(path: Path): string {
  return path.length === 2 && path[0] === 'services' ? `the service ${path[1]}` : path.join('.')
}

function articled(type: string): string {
  const names: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    string: 'a text',
    null: 'empty',
  }
  return names[type] ?? (type === 'integer' ? 'an integer' : `a ${type}`)
}

function nameOf(value: unknown): string {
  if (value === null) return 'empty'
  return articled(Array.isArray(value) ? 'array' : typeof value)
}
