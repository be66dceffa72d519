import { useState } from 'react'
import { chosenEnvironment } from '../rpc/transport.ts'

/** The condition in SQL that the rows of a table are narrowed by; it lasts as long as the window. */
export function useCondition(schema: string, name: string) {
  const key = `atlas.rows.where.${chosenEnvironment() ?? ''}.${schema}.${name}`
  const [where, setWhere] = useState(() => sessionStorage.getItem(key) ?? undefined)
  const change = (next: string | undefined) => {
    setWhere(next)
    if (next === undefined) sessionStorage.removeItem(key)
    else sessionStorage.setItem(key, next)
  }
  return [where, change] as const
}
