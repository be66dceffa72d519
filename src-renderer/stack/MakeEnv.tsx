import { IconKey } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { queryClient, rpc } from '../rpc/client.ts'
import { ErrorNotice } from '../ui/ErrorNotice.tsx'

/** Where secrets have no value: what is missing, and the button that writes generated ones. */
export function MakeEnv({ project }: { project: string | undefined }) {
  const target = project ? { project } : {}
  const doctor = useQuery(rpc.stack.doctor.queryOptions({ input: target }))
  const make = useMutation(
    rpc.stack.fix.mutationOptions({ onSuccess: () => queryClient.invalidateQueries() }),
  )
  const finding = doctor.data?.find(({ fix }) => fix?.id === 'secrets')
  if (make.error) return <ErrorNotice error={make.error} />
  if (make.data && !finding)
    return (
      <p className="notice stack__makeenv" role="status">
        Written to {make.data.file}, readable by you alone: {make.data.written.join(', ')}
      </p>
    )
  if (!finding?.fix) return null
  const { id, label } = finding.fix
  return (
    <div className="notice notice--warning stack__makeenv" role="status">
      <IconKey className="icon" />
      <span className="grow">
        {finding.message} <span className="t2">{finding.next}</span>
      </span>
      <button
        type="button"
        className="btn btn--sm"
        disabled={make.isPending}
        onClick={() => make.mutate({ ...target, id })}
      >
        {label}
      </button>
    </div>
  )
}
