import type { Environment } from '../../src-main/environments/contract.ts'

/** The kind of an environment by shape: local a circle, staging a diamond, production a triangle. */
export function EnvironmentShape({ kind }: { kind: Environment['kind'] }) {
  return (
    <svg className={`env-shape env-shape--${kind}`} viewBox="0 0 10 10" aria-hidden="true">
      {kind === 'local' && <circle cx="5" cy="5" r="4" />}
      {kind === 'staging' && <path d="M5 .4L9.6 5 5 9.6.4 5z" />}
      {kind === 'production' && <path d="M5 .6l4.7 8.4H.3z" />}
    </svg>
  )
}

/** Where an environment's database is, in a few words. */
export function placeOfEnvironment({ postgres }: Pick<Environment, 'postgres'>): string {
  return postgres.type === 'embedded'
    ? 'embedded PostgreSQL'
    : `${postgres.host}:${postgres.port} / ${postgres.database}`
}
