import { isScalar, visit } from 'yaml'
import { readOnce } from '../compose/composeFile.ts'
import { secretName } from '../files/envFile.ts'
import { readVariables } from '../files/envText.ts'
import type { FormVariable } from '../formContract.ts'
import { variablesIn } from './filled.ts'

type Use = FormVariable['uses'][number] & { name: string; isRequired: boolean; fallback: string | null }

/**
 * The variables that compose files use and those that a file of variables sets, in the order of their names, each with every
 * place that uses it. `set` is what they are, whoever says so.
 */
export function listVariables(
  files: readonly { path: string; text: string }[],
  envText: string,
  set: Record<string, string>,
): FormVariable[] {
  const byName = Map.groupBy(files.flatMap(usesIn), ({ name }) => name)
  for (const { name } of readVariables(envText)) if (!byName.has(name)) byName.set(name, [])
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, uses]) => {
      const isRequired = uses.some((use) => use.isRequired)
      return {
        name,
        isSecret: secretName.test(name),
        isRequired,
        isMissing: isRequired && !set[name],
        fallback: uses.find(({ fallback }) => fallback !== null)?.fallback ?? null,
        uses: uses.map(({ file, line, place }) => ({ file, line, place })),
      }
    })
}

function usesIn({ path, text }: { path: string; text: string }): Use[] {
  const { document, lines } = readOnce(text)
  const found: Use[] = []
  visit(document, {
    Scalar: (_key, node, ancestors) => {
      if (typeof node.value !== 'string' || !node.value.includes('$')) return
      const line = lines.linePos(node.range?.[0] ?? 0).line
      const place = ancestors
        .flatMap((one) => ('key' in one && isScalar(one.key) ? [String(one.key.value)] : []))
        .join('.')
      for (const name of variablesIn(node.value)) {
        const [, fallback] = new RegExp(`\\{${name}:?-([^{}]*)\\}`).exec(node.value) ?? []
        const isRequired = new RegExp(`\\{${name}:?\\?`).test(node.value)
        found.push({ name, isRequired, fallback: fallback ?? null, file: path, line, place })
      }
    },
  })
  return found
}
