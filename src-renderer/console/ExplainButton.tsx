import { IconBinaryTree2, IconStopwatch } from '@tabler/icons-react'
import { formatCount } from '../ui/format.ts'
import { MenuButton } from '../ui/MenuButton.tsx'
import { usePlans } from './plans.ts'

interface Props {
  id: string
  isDisabled: boolean
  onExplain: (isAnalyzed: boolean) => void
  onMeasure: (runs: number) => void
}

const runCounts = [10, 50, 200, 1000]

/** The plan of the statement at the cursor: as the planner sees it, or as it ran; and how long it takes. */
export function ExplainButton({ id, isDisabled, onExplain, onMeasure }: Props) {
  const isWaiting = usePlans(({ waiting }) => waiting[id] ?? false)
  return (
    <>
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
      <MenuButton
        icon={<IconStopwatch className="icon icon--14" />}
        label="Benchmark"
        isIcon
        title="Benchmark: runs the statement at the cursor again and again, each time rolled back, and tells how long it takes"
        isDisabled={isDisabled || isWaiting}
        items={runCounts.map((runs) => ({ label: `${formatCount(runs)} runs`, act: () => onMeasure(runs) }))}
      />
    </>
  )
}
