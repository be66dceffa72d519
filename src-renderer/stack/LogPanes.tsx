import { useState } from 'react'
import { LogPane } from './LogPane.tsx'

interface Props {
  project: string | undefined
  services: readonly string[]
  /** Of the first log, from the address. */
  search: string
  service: string
  onChange: (change: { q?: string; log?: string }) => void
}

/** The log below the services or over the whole view, and there a second one beside it, with a search of its own. */
export function LogPanes({ project, services, search, service, onChange }: Props) {
  const [isFull, setFull] = useState(false)
  const [second, setSecond] = useState<{ q: string; log: string }>()
  return (
    <div className={`stack__log logs${isFull ? ' is-full' : ''}`}>
      <LogPane
        project={project}
        services={services}
        search={search}
        service={service}
        onChange={onChange}
        isFull={isFull}
        onFull={() => {
          setFull(!isFull)
          setSecond(undefined)
        }}
        onSplit={
          second
            ? undefined
            : () => {
                setFull(true)
                setSecond({ q: '', log: services.find((name) => name !== service) ?? '' })
              }
        }
      />
      {second && (
        <LogPane
          label="Second log"
          project={project}
          services={services}
          search={second.q}
          service={second.log}
          onChange={(change) => setSecond({ ...second, ...change })}
          onClose={() => setSecond(undefined)}
        />
      )}
    </div>
  )
}
