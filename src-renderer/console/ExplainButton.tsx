import { IconBinaryTree2 } from '@tabler/icons-react'
import { usePlans } from './plans.ts'

interface Props {
  id: string
  isDisabled: boolean
  onExplain: (isAnalyzed: boolean) => void
}

/** The plan of the statement at the cursor: as the planner sees it, or as it ran. */
export function ExplainButton({ id, isDisabled, onExplain }: Props) {
  const isWaiting = usePlans(({ waiting }) => waiting[id] ?? false)
  return (
    <span className="btn-group">
      <button
        type="button"
        className="btn btn--sm"
        disabled={isDisabled || isWaiting}
        title="The plan of the statement at the cursor; nothing is run"
        onClick={() => onExplain(false)}
      >
        <IconBinaryTree2 className="icon icon--14" />
        Explain
      </button>
      <button
        type="button"
        className="btn btn--sm"
        disabled={isDisabled || isWaiting}
        title="Runs the statement at the cursor in a transaction that is rolled back"
        onClick={() => onExplain(true)}
      >
        {isWaiting ? 'Running' : 'Analyze'}
      </button>
    </span>
  )
}
