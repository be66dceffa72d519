import type { ComposeModel } from './model.ts'

/** Services so that each comes after those that it waits for; the files' order decides between equals. */
export function startOrder(model: Pick<ComposeModel, 'services'>): string[] {
  const order = new Set<string>()
  const visit = (name: string) => {
    const service = model.services[name]
    if (!service || order.has(name)) return
    for (const dependency of Object.keys(service.depends_on ?? {})) visit(dependency)
    order.add(name)
  }
  for (const name of Object.keys(model.services)) visit(name)
  return [...order]
}

/** The named services with everything that they wait for; all where none is named. */
export function withDependencies(
  model: Pick<ComposeModel, 'services'>,
  names: string[] | undefined,
): string[] {
  const order = startOrder(model)
  if (!names || names.length === 0) return order
  const wanted = new Set<string>()
  const visit = (name: string) => {
    if (wanted.has(name)) return
    wanted.add(name)
    for (const dependency of Object.keys(model.services[name]?.depends_on ?? {})) visit(dependency)
  }
  for (const name of names) visit(name)
  return order.filter((name) => wanted.has(name))
}
