import { useState } from 'react'
import type { BoundInput } from '../../src-main/partitions/action.contract.ts'
import type { PartitionedTable } from '../../src-main/partitions/table.contract.ts'

interface Props {
  strategy: PartitionedTable['strategy']
  /** Called with undefined while the user has not said enough. */
  onChange: (bound: BoundInput | undefined) => void
}

const labels = {
  range: ['From (included)', 'To (not included)'],
  list: ['Values, one a line', undefined],
  hash: ['Modulus', 'Remainder'],
} as const

/** The bound of a partition, as its table is partitioned. */
export function BoundFields({ strategy, onChange }: Props) {
  const [{ first, second, isDefault }, setText] = useState({ first: '', second: '', isDefault: false })
  const say = (change: { first?: string; second?: string; isDefault?: boolean }) => {
    const said = { first, second, isDefault, ...change }
    setText(said)
    onChange(said.isDefault ? { kind: 'default' } : readBound(strategy, said.first, said.second))
  }
  const [one, two] = labels[strategy]
  return (
    <>
      {!isDefault && (
        <>
          {strategy === 'list' ? (
            <label className="plan-field">
              <span>{one}</span>
              <textarea
                className="input"
                rows={2}
                value={first}
                onChange={(event) => say({ first: event.target.value })}
              />
            </label>
          ) : (
            <TextField label={one} value={first} onChange={(text) => say({ first: text })} />
          )}
          {two && <TextField label={two} value={second} onChange={(text) => say({ second: text })} />}
        </>
      )}
      {strategy !== 'hash' && (
        <label className="plan-field plan-field--check">
          <input
            type="checkbox"
            checked={isDefault}
            onChange={(event) => say({ isDefault: event.target.checked })}
          />
          <span>As the default partition</span>
        </label>
      )}
    </>
  )
}

export function TextField({
  label,
  value,
  onChange,
  type = 'text',
}: {
  label: string
  value: string
  onChange: (value: string) => void
  type?: 'text' | 'date'
}) {
  return (
    <label className="plan-field">
      <span>{label}</span>
      <span className="input input--sm">
        <input type={type} value={value} onChange={(event) => onChange(event.target.value)} />
      </span>
    </label>
  )
}

function readBound(
  strategy: PartitionedTable['strategy'],
  first: string,
  second: string,
): BoundInput | undefined {
  if (strategy === 'list') {
    const values = first.split('\n').filter((value) => value !== '')
    return values.length > 0 ? { kind: 'list', values } : undefined
  }
  if (!first.trim() || !second.trim()) return undefined
  if (strategy === 'range') return { kind: 'range', from: first.trim(), to: second.trim() }
  const [modulus, remainder] = [Number(first), Number(second)]
  return modulus > 0 && Number.isInteger(modulus) && Number.isInteger(remainder) && remainder >= 0
    ? { kind: 'hash', modulus, remainder }
    : undefined
}
