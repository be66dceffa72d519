import { IconDatabaseImport, IconFile } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Overview } from '../../src-main/overview/contract.ts'
import { rpc } from '../rpc/client.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { formatCount } from '../ui/format.ts'
import { JobCard } from '../ui/JobCard.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { useJobs } from '../ui/useJobs.ts'
import { LayerCard } from './LayerCard.tsx'

const shownSources = 4

/** Sources and the three layers, joined by what carries data between them. */
export function Flow({ overview }: { overview: Overview }) {
  const samples = useMutation(rpc.pipelines.loadSamples.mutationOptions())
  const job = useJobs().find(({ title }) => title === 'Load sample data')
  const isLoading = job?.status === 'running'
  if (overview.sources.length === 0 || isLoading || samples.error) {
    return (
      <section className="panel flow" aria-label="First data">
        {isLoading && job ? (
          <div style={{ padding: 24, maxWidth: 560, margin: 'auto', width: '100%' }}>
            <JobCard job={job} />
          </div>
        ) : samples.error ? (
          <ErrorNotice error={samples.error} onRetry={() => samples.mutate(undefined)} />
        ) : (
          <EmptyState
            icon={<IconDatabaseImport className="icon icon--18" />}
            title="No data yet"
            actions={
              <button
                type="button"
                className="btn btn--primary"
                disabled={samples.isPending}
                onClick={() => samples.mutate(undefined)}
              >
                Load sample data
              </button>
            }
          >
            Two sample pipelines land 3,376 airports, 20,000 flights and 10,000 reports of bird strikes,
            validate them and publish what is valid.
          </EmptyState>
        )}
      </section>
    )
  }
  const sources = overview.sources.slice(0, shownSources)
  return (
    <section className="panel flow" aria-label="Flow of data through the layers">
      <div className="flow__track">
        <div className="flow__sources">
          <div className="flow__sources-head">
            <b>Sources</b>
            <span className="t3 small">{overview.sources.length}</span>
          </div>
          {sources.map(({ code, landedAt }) => (
            <span key={code} className="source">
              <IconFile className="icon icon--14" />
              <span className="mono clip">{code}</span>
              {landedAt && <RelativeTime time={landedAt} />}
            </span>
          ))}
        </div>
        <div className="flow__link flow__link--in">
          <Inflow sources={sources.length} />
        </div>
        {overview.layers.map((layer, index) => (
          <div key={layer.name} style={{ display: 'contents' }}>
            {index > 0 && (
              <div className="flow__link">
                <Ribbon from={index === 1 ? 'explore' : 'chart'} to={index === 1 ? 'chart' : 'navigate'} />
                <Link to="/pipelines" className="link-card" title="in the last 24 hours">
                  <span className="link-card__name">
                    <span className="mono">{index === 1 ? 'validate' : 'publish'}</span>
                  </span>
                  <span className="num link-card__fact t3">
                    {index === 1 ? `${formatCount(overview.rejected)} rejected` : 'valid records'}
                  </span>
                </Link>
              </div>
            )}
            <LayerCard layer={layer} />
          </div>
        ))}
      </div>
    </section>
  )
}

/** A band from each source into the first layer, where they lie on each other. In the units of overview.css. */
function Inflow({ sources }: { sources: number }) {
  const [trackHeight, headHeight, rowHeight, layerBand] = [196, 36, 32, 32]
  const band = Math.min(10, layerBand / sources)
  const top = (trackHeight - band * sources) / 2
  return (
    <svg viewBox={`0 0 48 ${trackHeight}`} preserveAspectRatio="none" aria-hidden="true">
      {Array.from({ length: sources }, (_one, index) => {
        const from = headHeight + rowHeight * (index + 0.5) - band / 2
        const to = top + band * index
        return (
          <path
            // biome-ignore lint/suspicious/noArrayIndexKey: a band has no other name than its place
            key={index}
            className="pipe"
            fill="var(--layer-explore)"
            d={`M0 ${from}C26 ${from} 22 ${to} 48 ${to}v${band}C22 ${to + band} 26 ${from + band} 0 ${from + band}Z`}
          />
        )
      })}
    </svg>
  )
}

function Ribbon({ from, to }: { from: string; to: string }) {
  const id = `ribbon-${from}-${to}`
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      <defs>
        <linearGradient id={id}>
          <stop stopColor={`var(--layer-${from})`} />
          <stop offset="1" stopColor={`var(--layer-${to})`} />
        </linearGradient>
      </defs>
      <rect className="pipe" fill={`url(#${id})`} y="42" width="100" height="16" />
    </svg>
  )
}
