import { IconArrowsDiff, IconArrowsSort, IconEqual, IconPlus } from '@tabler/icons-react'
import type { ComparedObject } from '../../../src-main/schema/diff/contract.ts'

const marks = {
  different: [IconArrowsDiff, 'different', 't-warn'],
  'only here': [IconPlus, 'only here', 'cmp__here'],
  'only there': [IconPlus, 'only there', 'cmp__there'],
  reordered: [IconArrowsSort, 'in another order', 't2'],
  identical: [IconEqual, 'identical', 't3'],
} as const

/** How an object differs: each way has a sign, those of one side also a letter. */
export function ChangeMark({ change }: { change: ComparedObject['change'] }) {
  const [Icon, label, tone] = marks[change]
  return (
    <span className={`cmp__mark ${tone}`} title={label} role="img" aria-label={label}>
      {change === 'only here' || change === 'only there' ? (
        change.slice(5, 6).toUpperCase()
      ) : (
        <Icon className="icon" />
      )}
    </span>
  )
}
