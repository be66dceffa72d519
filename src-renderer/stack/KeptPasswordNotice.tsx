import type { KeptPassword } from '../../src-main/stack/planContract.ts'
import { State } from '../ui/State.tsx'

/** A password of the text that its database will not take: why, and what to do. */
export function KeptPasswordNotice({ kept: { message, next } }: { kept: KeptPassword }) {
  return (
    <div className="notice notice--warning stack__makeenv" role="status">
      <State name="warning" />
      <span className="grow">
        {message}. <span className="t2">{next}</span>
      </span>
    </div>
  )
}
