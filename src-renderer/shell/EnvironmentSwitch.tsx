import { IconCheck, IconPlus, IconSelector } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useRef } from 'react'
import type { Environment } from '../../src-main/environments/contract.ts'
import { rpc } from '../rpc/client.ts'
import { switchEnvironment } from '../rpc/transport.ts'
import { EnvironmentShape, placeOfEnvironment } from '../ui/EnvironmentShape.tsx'

/** Names the environment of this window in its colour and shape, and turns the window to another. */
export function EnvironmentSwitch({ current }: { current: Environment | undefined }) {
  const menu = useRef<HTMLDivElement>(null)
  const navigate = useNavigate()
  const { data: environments = [] } = useQuery(rpc.environments.list.queryOptions())
  return (
    <>
      <button
        type="button"
        className="env-switch"
        popoverTarget="environments"
        aria-haspopup="menu"
        title={`Environment of this window: ${current?.name ?? 'not known yet'}`}
      >
        <EnvironmentShape kind={current?.kind ?? 'local'} />
        <b>{current?.name ?? 'Atlas'}</b>
        <span className="env-switch__where">{current ? placeOfEnvironment(current) : 'connecting'}</span>
        <IconSelector className="icon" />
      </button>
      <div
        ref={menu}
        id="environments"
        popover="auto"
        className="menu"
        style={{ margin: '38px 0 0 48px', border: 0 }}
      >
        {environments.map((environment) => (
          <button
            key={environment.id}
            type="button"
            className={`menu__item${environment.id === current?.id ? ' is-selected' : ''}`}
            onClick={() => switchEnvironment(environment.id)}
          >
            <EnvironmentShape kind={environment.kind} />
            <span className="grow">
              <b>{environment.name}</b>
              <span className="clip">{placeOfEnvironment(environment)}</span>
            </span>
            {environment.id === current?.id && <IconCheck className="icon" />}
          </button>
        ))}
        <hr />
        <button
          type="button"
          className="menu__item menu__item--plain"
          onClick={() => {
            menu.current?.hidePopover()
            void navigate({ to: '/settings', search: { environment: 'new' } })
          }}
        >
          <IconPlus className="icon icon--14" />
          Add an environment…
        </button>
      </div>
    </>
  )
}
