import { IconListCheck, IconPlayerPlay, IconRocket } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { rpc } from '../rpc/client.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'
import { JobCard } from '../ui/JobCard.tsx'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { State } from '../ui/State.tsx'
import { useJobs } from '../ui/useJobs.ts'
import { ViewHeader } from '../ui/ViewHeader.tsx'
import { AttentionPanel } from './AttentionPanel.tsx'
import { Flow } from './Flow.tsx'
import { ForecastPanel } from './ForecastPanel.tsx'
import { RunsPanel } from './RunsPanel.tsx'
import { ServicesPanel } from './ServicesPanel.tsx'
import './overview.css'

/** The platform at a glance; on an empty database, the way to deploy it. */
export function OverviewView() {
  const overview = useQuery({ ...rpc.overview.get.queryOptions(), refetchInterval: 10_000 })
  const health = useQuery(rpc.health.get.queryOptions())
  const navigate = useNavigate()
  const deployment = overview.data?.deployment
  const isDeployed = deployment === 'complete'

  return (
    <>
      <ViewHeader
        title="Overview"
        state={
          <>
            {health.data?.postgres.status === 'ready' && (
              <span>
                <State name="succeeded" />
                {health.data.postgres.detail} running
              </span>
            )}
            {health.data?.postgres.status === 'failing' && (
              <span className="t-fail">
                <State name="failed" />
                PostgreSQL does not answer
              </span>
            )}
            {deployment && !isDeployed && (
              <span>
                <State name="queued" />
                {deployment === 'none' ? 'Platform not deployed' : 'Platform deployed in part'}
              </span>
            )}
            {isDeployed && (
              <span>
                <State name="succeeded" />
                Platform deployed
              </span>
            )}
          </>
        }
        actions={
          isDeployed && (
            <>
              <button
                type="button"
                className="btn btn--ghost"
                onClick={() => void navigate({ to: '/verification' })}
              >
                <IconListCheck className="icon" />
                Verification
              </button>
              <button
                type="button"
                className="btn btn--primary"
                onClick={() => void navigate({ to: '/pipelines', search: { trigger: 'yes' } })}
              >
                <IconPlayerPlay className="icon" />
                Trigger pipeline
              </button>
            </>
          )
        }
      />
      <QueryPanel query={overview}>
        {(data) =>
          data.deployment === 'complete' ? (
            <div className="view-body overview scroll">
              <Flow overview={data} />
              <AttentionPanel overview={data} health={health.data} />
              <RunsPanel />
              <ServicesPanel health={health.data} />
              <ForecastPanel />
            </div>
          ) : (
            <Deploy isPartial={data.deployment === 'partial'} />
          )
        }
      </QueryPanel>
    </>
  )
}

function Deploy({ isPartial }: { isPartial: boolean }) {
  const deploy = useMutation(rpc.migrations.apply.mutationOptions())
  const job = useJobs().find(({ title }) => title === 'Apply migrations')
  const isRunning = job?.status === 'running'
  return (
    <div className="view-body column" style={{ alignItems: 'center', justifyContent: 'center' }}>
      <div style={{ width: 520 }} className="column">
        <div style={{ height: 220 }}>
          <EmptyState
            icon={<IconRocket className="icon icon--18" />}
            title={isPartial ? 'The platform is deployed in part' : 'The platform is not deployed'}
            actions={
              <button
                type="button"
                className="btn btn--primary"
                disabled={isRunning || deploy.isPending}
                onClick={() => deploy.mutate({})}
              >
                {isRunning ? 'Deploying…' : isPartial ? 'Finish the deployment' : 'Deploy the platform'}
              </button>
            }
          >
            Four migrations make seven schemas with 38 tables, their partitions, roles and audit log. Each
            runs in one transaction; the Migrations view shows every statement first.
          </EmptyState>
        </div>
        {deploy.error && <ErrorNotice error={deploy.error} />}
        {job && (isRunning || job.status === 'failed') && <JobCard job={job} />}
      </div>
    </div>
  )
}
