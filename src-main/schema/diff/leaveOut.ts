import type { Sides } from './sides.ts'
import type { Step } from './step.ts'

/** Leaves out what destroys rows or values, and what cannot go while those stay. */
export function leaveOut(steps: Step[], { now }: Sides): Step[] {
  const names = new Map(now.all.map(({ address, name }) => [address, name]))
  const addresses = new Map(
    now.all.flatMap(({ address, name, holder }) => (holder === undefined ? [[name, address]] : [])),
  )
  // Tables that stay, or that keep a column, still need all that they needed.
  const needed = new Map<string, string>()
  for (const step of steps) {
    if (!step.destroys) continue
    const kept = step.drops ?? addresses.get(step.object)
    const open = kept === undefined ? [] : [kept]
    for (let address = open.pop(); address !== undefined; address = open.pop()) {
      for (const other of now.needs.get(address) ?? []) {
        if (needed.has(other)) continue
        needed.set(other, names.get(kept ?? '') ?? step.object)
        open.push(other)
      }
    }
  }
  const staying = new Set(steps.flatMap((step) => (step.destroys && step.drops ? [step.drops] : [])))
  return steps.map((step) => {
    if (step.destroys) return { ...step, leftOut: `it destroys ${step.destroys}` }
    if (step.drops === undefined) return step
    if (staying.has(step.drops)) return { ...step, leftOut: `${names.get(step.drops)} stays` }
    const by = needed.get(step.drops)
    return by === undefined ? step : { ...step, leftOut: `${by} still needs it` }
  })
}
