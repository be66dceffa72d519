interface Step {
  Plans?: Step[]
  [name: string]: unknown
}

/** What a row of the table shows. */
const shownElsewhere = new Set([
  ...['Plans', 'Node Type', 'Actual Loops', 'Actual Rows', 'Actual Total Time', 'Plan Rows', 'Total Cost'],
  ...['Schema', 'Relation Name', 'Alias', 'Index Name', 'CTE Name', 'Workers Planned', 'Workers Launched'],
])

/** All that a plan in JSON says of one of its steps beside what its row shows; steps count depth first. */
export function detailsOf(json: string, id: number): [string, string][] {
  const document: { Plan: Step } | { Plan: Step }[] = JSON.parse(json)
  const root = Array.isArray(document) ? document[0]?.Plan : document.Plan
  const open = root ? [root] : []
  for (let at = 0; ; at++) {
    const step = open.pop()
    if (!step) return []
    if (at === id) {
      return Object.entries(step)
        .filter(([name]) => !shownElsewhere.has(name))
        .map(([name, value]) => [name, textOf(value)])
    }
    open.push(...(step.Plans ?? []).toReversed())
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string')
  return isList ? value.join(', ') : JSON.stringify(value)
}
