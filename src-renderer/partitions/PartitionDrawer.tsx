import { IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { Partition, PartitionedTable } from '../../src-main/partitions/contract.ts'
import { Facts } from '../ui/Facts.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import { Layer } from '../ui/Layer.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'

interface Props {
  table: PartitionedTable
  partition: Partition
  onClose: () => void
}

/** What the catalogue knows of one partition. */
export function PartitionDrawer({ table, partition, onClose }: Props) {
  return (
    <aside className="drawer" aria-label={partition.name}>
      <header className="drawer__head">
        <div className="grow">
          <h2 className="drawer__title mono-title">{partition.name}</h2>
          <p className="drawer__sub">
            <Layer schema={table.schema} name={table.name} />
          </p>
        </div>
        <button type="button" className="icon-btn icon-btn--sm" title="Close" onClick={onClose}>
          <IconX className="icon" />
        </button>
      </header>
      <div className="drawer__body">
        <Facts
          facts={[
            [
              'Bounds',
              <span key="bound" className="mono small">
                {partition.bound.replace('FOR VALUES ', '').toLowerCase()}
              </span>,
            ],
            [
              'Rows',
              <span key="rows" className="num">
                about {formatCount(partition.estimatedRows)}
              </span>,
            ],
            [
              'Size',
              <span key="size" className="num">
                {formatBytes(partition.sizeBytes)}
              </span>,
            ],
            [
              'Analysed',
              partition.lastAnalyzed ? (
                <RelativeTime key="analyzed" time={partition.lastAnalyzed} />
              ) : (
                'never'
              ),
            ],
            [
              'Vacuumed',
              partition.lastVacuumed ? (
                <RelativeTime key="vacuumed" time={partition.lastVacuumed} />
              ) : (
                'never'
              ),
            ],
            [
              'Indexes',
              partition.missingIndexes > 0 ? `${partition.missingIndexes} missing` : 'all that the table has',
            ],
          ]}
        />
        <section className="drawer__section">
          <h3 className="drawer__label">How to read it alone</h3>
          <SqlBlock text={`select *\nfrom ${partition.schema}.${partition.name}\nlimit 100;`} />
        </section>
      </div>
      <footer className="drawer__foot">
        <span className="grow" />
        <Link
          className="btn"
          to="/schema"
          search={{ schema: partition.schema, table: partition.name, tab: 'data' }}
        >
          Open in the schema
        </Link>
      </footer>
    </aside>
  )
}
