import { z } from 'zod'
import { identifier, join, literal, query, type Sql, sql } from '../sql.ts'
import type { Field, TaskOf } from './definition.ts'

interface Check {
  rule: string
  column: string
  severity: Field['severity']
  /** True where the value breaks the rule. */
  condition: Sql
  reason: string
}

/**
 * One statement that reads a batch, judges every record by the declared rules and stages it: valid with typed values,
 * or rejected with every reason. Set-based; the partition of the batch is pruned by its time.
 */
export function stageBatch(task: TaskOf<'validate'>, batchId: string, runId: string | null) {
  const fields = Object.entries(task.fields)
  const values = fields.map(([name, field]) => sql`${emptyToNull(field)} as ${identifier(name)}`)
  const checks = fields.flatMap(([name, field]) => checksOf(name, field))
  const uniques = fields
    .filter(([, field]) => field.unique)
    .map(
      ([name]) =>
        sql`row_number() over (partition by v.${identifier(name)} order by v.source_row) as ${identifier(`nth ${name}`)}`,
    )
  const typed = fields.map(([name, field]) => sql`${literal(name)}::text, ${typedValue(name, field)}`)
  const raw = fields.map(([name]) => sql`${literal(name)}::text, c.${identifier(name)}`)
  return query(
    z.object({ total: z.number(), valid: z.number(), rejected: z.number(), flagged: z.number() }),
    sql`
    with raw_values as (
      select r.source_row, r.ingested_at, r.source_id, r.classification, ${join(values)}
      from explore.raw_data_template r
      where r.batch_id = ${batchId} and r.ingested_at = explore.batch_time(${batchId})
    ),
    counted as (
      select v.* ${uniques.length > 0 ? sql`, ${join(uniques)}` : sql``}
      from raw_values v
    ),
    judged as (
      select c.*,
             ${collect(checks, 'reject')} as reasons,
             ${collect(checks, 'flag')} as flags
      from counted c
    ),
    staged as (
      insert into chart.staging_template
        (batch_id, source_row, record_kind, raw_ingested_at, source_id, run_id, classification, record, checksum, status,
         rejection_reasons, quality_flags, validated_at)
      select ${batchId}, j.source_row, ${task.record}, j.ingested_at, j.source_id, ${runId}, j.classification,
             d.record, public.atlas_record_checksum(d.record),
             case when j.reasons = '[]' then 'valid' else 'rejected' end,
             j.reasons,
             array(select distinct f ->> 'column' || ':' || (f ->> 'rule') from jsonb_array_elements(j.flags) f order by 1),
             clock_timestamp()
      from judged j
      cross join lateral (
        select case when j.reasons = '[]'
          then (select jsonb_build_object(${join(typed)}) from (select j.*) c)
          else (select jsonb_build_object(${join(raw)}) from (select j.*) c)
        end as record
      ) d
      on conflict (batch_id, source_row, record_kind) do nothing
    )
    select count(*) as total,
           count(*) filter (where reasons = '[]') as valid,
           count(*) filter (where reasons <> '[]') as rejected,
           count(*) filter (where reasons = '[]' and flags <> '[]') as flagged
    from judged`,
  )
}

function emptyToNull(field: Field): Sql {
  const value = sql`nullif(btrim(r.payload ->> ${literal(field.from)}), '')`
  return field.empty.reduce((inner, text) => sql`nullif(${inner}, ${literal(text)})`, value)
}

/** The broken rules as an array of {rule, column, reason}. */
function collect(checks: Check[], severity: Field['severity']): Sql {
  const chosen = checks.filter((check) => check.severity === severity)
  if (chosen.length === 0) return sql`'[]'::jsonb`
  const items = chosen.map(
    ({ rule, column, condition, reason }) =>
      sql`case when ${condition} then ${literal(JSON.stringify([{ rule, column, reason }]))}::jsonb else '[]'::jsonb end`,
  )
  return sql`(${join(items, ' || ')})`
}

function checksOf(name: string, field: Field): Check[] {
  const value = sql`c.${identifier(name)}`
  const isTyped = sql`coalesce(${hasType(value, field)}, false)`
  const { severity } = field
  const column = name
  // Whether a record can be read at all is no matter of taste: a wrong type always rejects; so does a missing value, but
  // where the field is only flagged.
  const checks: Check[] = []
  if (field.required)
    checks.push({ rule: 'required', column, severity, condition: sql`${value} is null`, reason: 'is empty' })
  if (field.type !== 'text') {
    checks.push({
      rule: 'type',
      column,
      severity: 'reject',
      condition: sql`${value} is not null and not ${isTyped}`,
      reason: `is no ${field.type}${field.format ? ` in the form ${field.format}` : ''}`,
    })
  }
  if (field.min !== undefined || field.max !== undefined) {
    const number = sql`case when ${isTyped} then ${value}::numeric end`
    if (field.min !== undefined) {
      checks.push({
        rule: 'min',
        column,
        severity,
        condition: sql`${number} < ${literal(String(field.min))}::numeric`,
        reason: `is below ${field.min}`,
      })
    }
    if (field.max !== undefined) {
      checks.push({
        rule: 'max',
        column,
        severity,
        condition: sql`${number} > ${literal(String(field.max))}::numeric`,
        reason: `is above ${field.max}`,
      })
    }
  }
  if (field.pattern !== undefined) {
    checks.push({
      rule: 'pattern',
      column,
      severity,
      condition: sql`${value} !~ ${literal(field.pattern)}`,
      reason: 'does not have the form that is expected',
    })
  }
  if (field.in !== undefined) {
    const list = join(field.in.map(literal))
    checks.push({
      rule: 'in',
      column,
      severity,
      condition: sql`${value} not in (${list})`,
      reason: `is none of ${field.in.join(', ')}`,
    })
  }
  if (field.unique) {
    checks.push({
      rule: 'unique',
      column,
      severity,
      condition: sql`${value} is not null and c.${identifier(`nth ${name}`)} > 1`,
      reason: 'stands in an earlier record already',
    })
  }
  return checks
}

/** Whether a text can be read as the type, decided without an error: PostgreSQL 15 cannot try a cast. */
function hasType(value: Sql, field: Field): Sql {
  if (field.type === 'integer') return sql`${value} ~ '^[+-]?[0-9]{1,18}$'`
  if (field.type === 'number')
    return sql`${value} ~ '^[+-]?([0-9]{1,30}[.]?[0-9]{0,30}|[.][0-9]{1,30})([eE][+-]?[0-9]{1,2})?$'`
  if (field.type === 'text') return sql`true`
  const form = timeForm(field)
  const part = (name: string) =>
    form.parts.includes(name) ? sql`p[${literal(String(form.parts.indexOf(name) + 1))}::int]::int` : sql`0`
  const month = part('MM')
  return sql`(
    select ${month} between 1 and 12
      and ${part('YYYY')} between 1 and 9999
      and ${part('DD')} between 1 and case
        when ${month} = 2 then 28 + (${part('YYYY')} % 4 = 0 and (${part('YYYY')} % 100 <> 0 or ${part('YYYY')} % 400 = 0))::int
        when ${month} in (4, 6, 9, 11) then 30
        else 31
      end
      and ${part('HH24')} < 24 and ${part('MI')} < 60 and ${part('SS')} < 60
    from regexp_match(${value}, ${literal(form.pattern)}) p
  )`
}

const defaultFormats = { date: 'YYYY-MM-DD', timestamp: 'YYYY-MM-DD HH24:MI:SS' }

/** A time format as a regular expression, and its parts in their order. */
function timeForm(field: Field): { format: string; pattern: string; parts: string[] } {
  const format = field.format ?? defaultFormats[field.type as 'date' | 'timestamp']
  const parts: string[] = []
  const pattern = format.replaceAll(/YYYY|MM|DD|HH24|MI|SS|[^A-Za-z0-9\s]/g, (piece) => {
    if (!/[A-Z]/.test(piece)) return `[${piece === '^' ? '\\^' : piece}]`
    parts.push(piece)
    return piece === 'YYYY' ? '([0-9]{4})' : '([0-9]{2})'
  })
  return { format, pattern: `^${pattern}$`, parts }
}

/** The value as the record keeps it. Times are UTC. */
function typedValue(name: string, field: Field): Sql {
  const value = sql`c.${identifier(name)}`
  if (field.type === 'text') return value
  if (field.type === 'integer') return sql`${value}::bigint`
  if (field.type === 'number') return sql`${value}::numeric`
  const { format } = timeForm(field)
  return field.type === 'date'
    ? sql`to_date(${value}, ${literal(format)})`
    : sql`to_char(to_timestamp(${value}, ${literal(format)}), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
}
