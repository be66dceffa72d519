import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { AuditFilter, auditActions } from '../../src-main/audit/contract.ts'

export const windows = { day: 1, week: 7, month: 31, quarter: 92, year: 366 } as const
export type WindowName = keyof typeof windows

const dayMs = 86_400_000
const names = [
  'window',
  'from',
  'to',
  'actor',
  'table',
  'action',
  'key',
  'text',
  'tx',
  'own',
  'live',
  'entry',
] as const
type Name = (typeof names)[number]

/** What is looked for, read from the address and written to it: a link shows what its sender saw. */
export function useAuditFilter() {
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const [now] = useState(Date.now)
  const name = (Object.keys(windows) as WindowName[]).find((known) => known === search.window) ?? 'week'
  // Whole hours, so that the queries stay the same while one looks.
  const end = new Date((Math.floor(now / 3_600_000) + 1) * 3_600_000)
  const from = readDate(search.from) ?? new Date(end.getTime() - windows[name] * dayMs)
  const to = readDate(search.to) ?? end
  const filter: AuditFilter = {
    from,
    to,
    ...(search.actor && { actor: search.actor }),
    ...(search.table && { table: search.table }),
    ...(search.action && { action: search.action as (typeof auditActions)[number] }),
    ...(search.key && { key: search.key }),
    ...(search.text && { text: search.text }),
    ...(search.tx && { transaction: Number(search.tx) }),
    ...(search.own && { withOwnReads: true }),
  }
  // From the address as it is then: two fields that change at once must not undo each other.
  const go = (change: Partial<Record<Name, string | undefined>>) =>
    void navigate({
      to: '/audit',
      search: (now: Record<string, string | undefined>) =>
        Object.fromEntries(
          names.map((known) => [known, known in change ? change[known] || undefined : now[known]]),
        ),
      replace: true,
    })
  return { search, filter, go, window: name, days: Math.ceil((to.getTime() - from.getTime()) / dayMs) }
}

function readDate(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '')
  return Number.isNaN(date.getTime()) ? undefined : date
}
