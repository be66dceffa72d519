import { z } from 'zod'
import { identifier, query, type Sql, sql } from '../sql.ts'
import { tableSummarySchema } from './objects/contract.ts'
import {
  columnSchema,
  constraintSchema,
  indexSchema,
  type Trigger,
  tableActivitySchema,
  triggerSchema,
} from './table/contract.ts'

// The lateral look-up keeps the planner from scanning pg_class for a few partitions.
const leaves = (what: Sql) => sql`coalesce((
  select ${what}
  from pg_partition_tree(c.oid) p
  cross join lateral (select oid, reltuples from pg_class where oid = p.relid offset 0) l
  where p.isleaf), 0)`

/** One object by its name, partitions included. */
export const findTable = (schema: string, name: string) =>
  query(
    tableSummarySchema.extend({ oid: z.number() }),
    sql`select s.*, c.oid::bigint as oid
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace and n.nspname = ${schema}
        cross join lateral (
          select n.nspname as schema, c.relname as name,
                 case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
                                when 'm' then 'materialized view' else 'foreign table' end as kind,
                 case when c.relkind = 'p' then ${leaves(sql`sum(greatest(l.reltuples, pg_stat_get_live_tuples(l.oid), 0))`)}
                      else greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0) end::float8 as "estimatedRows",
                 case when c.relkind = 'p' then ${leaves(sql`sum(pg_total_relation_size(l.oid))`)}
                      when c.relkind in ('r', 'm') then coalesce(pg_total_relation_size(c.oid), 0) else 0 end::bigint as "sizeBytes",
                 case when c.relkind = 'p' then ${leaves(sql`count(*)`)} else 0 end as partitions,
                 c.relnatts as columns, obj_description(c.oid, 'pg_class') as comment
        ) s
        where c.relname = ${name} and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
  )

// The names are constants to the planner: joined by name for each column, it read all of pg_class instead.
export const listColumns = (oid: number) =>
  query(
    columnSchema,
    sql`select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as "isNullable",
               pg_get_expr(d.adbin, d.adrelid) as default,
               case a.attidentity when 'a' then 'always' when 'd' then 'by default' end as identity,
               a.attgenerated <> '' as "isGenerated",
               coalesce(a.attnum = any (k.conkey), false) as "isPrimaryKey",
               col_description(a.attrelid, a.attnum) as comment,
               (select json_build_object('nullFraction', s.null_frac, 'distinct', s.n_distinct, 'averageBytes', s.avg_width)
                from pg_stats s
                where s.schemaname = (
                    select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where c.oid = ${oid}::oid
                  )
                  and s.tablename = (select relname from pg_class where oid = ${oid}::oid)
                  and s.attname = a.attname
                order by s.inherited desc
                limit 1) as statistics
        from pg_attribute a
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        left join pg_constraint k on k.conrelid = a.attrelid and k.contype = 'p'
        where a.attrelid = ${oid}::oid and a.attnum > 0 and not a.attisdropped
        order by a.attnum`,
  )

export const listIndexes = (oid: number) =>
  query(
    indexSchema,
    sql`select x.*, x.scans = 0 and not x."isUnique" and x."isValid" as "isUnused"
        from (
          select c.relname as name, pg_get_indexdef(i.indexrelid) as definition, i.indisunique as "isUnique",
                 i.indisprimary as "isPrimary", i.indisvalid as "isValid",
                 coalesce((select sum(pg_relation_size(t.relid)) from pg_partition_tree(i.indexrelid) t),
                          pg_relation_size(i.indexrelid), 0)::bigint as "sizeBytes",
                 coalesce((select sum(pg_stat_get_numscans(t.relid)) from pg_partition_tree(i.indexrelid) t),
                          pg_stat_get_numscans(i.indexrelid))::bigint as scans,
                 (select oc.relname
                  from pg_index o
                  join pg_class oc on oc.oid = o.indexrelid
                  where o.indrelid = i.indrelid and o.indexrelid <> i.indexrelid and oc.relam = c.relam
                    and o.indkey = i.indkey and o.indclass = i.indclass and o.indcollation = i.indcollation
                    and o.indoption = i.indoption
                    and pg_get_expr(o.indpred, o.indrelid) is not distinct from pg_get_expr(i.indpred, i.indrelid)
                    and pg_get_expr(o.indexprs, o.indrelid) is not distinct from pg_get_expr(i.indexprs, i.indrelid)
                    -- Of two that are alike the one that holds up a rule, else the older one, is the one to keep.
                    and (o.indisunique, -o.indexrelid::bigint) > (i.indisunique, -i.indexrelid::bigint)
                  limit 1) as "duplicateOf"
          from pg_index i
          join pg_class c on c.oid = i.indexrelid
          where i.indrelid = ${oid}::oid
        ) x
        order by x."isPrimary" desc, x.name`,
  )

export const listConstraints = (oid: number) =>
  query(
    constraintSchema,
    sql`select conname as name, pg_get_constraintdef(oid) as definition,
               case contype when 'p' then 'primary key' when 'u' then 'unique' when 'f' then 'foreign key' when 'c' then 'check'
                            when 'x' then 'exclusion' when 'n' then 'not null' else 'trigger' end as kind
        from pg_constraint
        where conrelid = ${oid}::oid and contype <> 'n'
        order by contype, conname`,
  )

/** By the dependencies: no index leads from a table to the foreign keys that end there. */
export const listReferencing = (oid: number) =>
  query(
    z.object({ schema: z.string(), table: z.string(), name: z.string(), definition: z.string() }),
    sql`select n.nspname as schema, c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
        from (
          select distinct objid
          from pg_depend
          where refclassid = 'pg_class'::regclass and refobjid = ${oid}::oid and classid = 'pg_constraint'::regclass
        ) d
        cross join lateral (select * from pg_constraint where oid = d.objid offset 0) k
        join pg_class c on c.oid = k.conrelid
        join pg_namespace n on n.oid = c.relnamespace
        where k.confrelid = ${oid}::oid and k.contype = 'f' and k.conparentid = 0
        order by 1, 2, 3`,
  )

export const listTriggers = (oid: number) =>
  query(
    triggerSchema,
    sql`select tgname as name, pg_get_triggerdef(oid) as definition,
               case tgenabled when 'D' then 'disabled' when 'R' then 'replica' when 'A' then 'always' else 'enabled' end as state
        from pg_trigger
        where tgrelid = ${oid}::oid and not tgisinternal
        order by tgname`,
  )

/** Switches a trigger; of a partitioned table those of its partitions follow. */
export function switchTrigger(schema: string, name: string, trigger: string, state: Trigger['state']): Sql {
  const words = {
    enabled: sql`enable`,
    disabled: sql`disable`,
    replica: sql`enable replica`,
    always: sql`enable always`,
  }
  return sql`alter table ${identifier(schema, name)} ${words[state]} trigger ${identifier(trigger)}`
}

export const listPolicies = (oid: number) =>
  query(
    z.object({
      name: z.string(),
      command: z.string(),
      roles: z.array(z.string()),
      using: z.string().nullable(),
    }),
    sql`select polname as name,
               case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end as command,
               array(select case when r = 0 then 'public' else pg_get_userbyid(r)::text end from unnest(polroles) r) as roles,
               pg_get_expr(polqual, polrelid) as using
        from pg_policy
        where polrelid = ${oid}::oid
        order by polname`,
  )

export const viewDefinition = (oid: number) =>
  query(z.object({ text: z.string() }), sql`select pg_get_viewdef(${oid}::oid, true) as text`)

/** The newest partitions that hold rows, so that the first rows need no scan of the others. */
export const newestPartition = (oid: number) =>
  query(
    z.object({ schema: z.string(), name: z.string() }),
    sql`select n.nspname as schema, c.relname as name
        from pg_partition_tree(${oid}::oid) p
        join pg_class c on c.oid = p.relid
        join pg_namespace n on n.oid = c.relnamespace
        where p.isleaf and pg_relation_size(c.oid) > 0
        order by pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT', c.relname desc
        limit 1`,
  )

/** Counts of a table and of its partitions, at any depth. */
export const tableCounts = (oid: number) =>
  query(
    tableActivitySchema
      .pick({ lastVacuum: true, lastAnalyze: true })
      .extend(tableActivitySchema.shape.counts.shape),
    sql`select coalesce(sum(pg_stat_get_tuples_inserted(t.relid)), 0)::bigint as inserted,
               coalesce(sum(pg_stat_get_tuples_updated(t.relid)), 0)::bigint as updated,
               coalesce(sum(pg_stat_get_tuples_deleted(t.relid)), 0)::bigint as deleted,
               coalesce(sum(pg_stat_get_live_tuples(t.relid)), 0)::bigint as live,
               coalesce(sum(pg_stat_get_dead_tuples(t.relid)), 0)::bigint as dead,
               coalesce(sum(pg_stat_get_numscans(t.relid)), 0)::bigint as "tableScans",
               coalesce(sum((select sum(pg_stat_get_numscans(i.indexrelid)) from pg_index i where i.indrelid = t.relid)), 0)::bigint
                 as "indexScans",
               max(greatest(pg_stat_get_last_vacuum_time(t.relid), pg_stat_get_last_autovacuum_time(t.relid))) as "lastVacuum",
               max(greatest(pg_stat_get_last_analyze_time(t.relid), pg_stat_get_last_autoanalyze_time(t.relid))) as "lastAnalyze"
        from (select ${oid}::oid as relid union select relid from pg_partition_tree(${oid}::oid) where isleaf) t`,
  )

/** Whether the platform's runs and its audit log are there and may be read. */
export const platformTables = () =>
  query(
    z.object({ runs: z.boolean(), audit: z.boolean() }),
    sql`select coalesce(has_table_privilege(to_regclass('pipeline.task_runs'), 'select')
                        and has_table_privilege(to_regclass('pipeline.pipeline_runs'), 'select'), false) as runs,
               coalesce(has_table_privilege(to_regclass('compliance.audit_log'), 'select'), false) as audit`,
  )

/** The last tasks that write the table: each kind of task has a table of its own, a fact names it. */
export const listWritingRuns = (schema: string, name: string) =>
  query(
    tableActivitySchema.shape.runs.unwrap().element,
    sql`select t.run_id::text as "runId", p.name as pipeline, t.task_key as task, t.status, t.rows_out as "rowsOut",
               t.finished_at as "finishedAt"
        from pipeline.task_runs t
        join pipeline.pipeline_runs r on r.run_id = t.run_id
        join pipeline.pipelines p on p.pipeline_id = r.pipeline_id
        where ${`${schema}.${name}`} = case t.kind
          when 'land' then 'explore.raw_data_template'
          when 'validate' then 'chart.staging_template'
          when 'dimension' then 'navigate.dimension_template'
          else 'navigate.fact_' || (t.config ->> 'fact') end
        order by t.created_at desc
        limit 20`,
  )

/** The window prunes the partitions of the log. */
export const listAuditOf = (schema: string, name: string) =>
  query(
    tableActivitySchema.shape.audit.unwrap().element,
    sql`select l.sequence, l.occurred_at as at, l.action, l.db_user as user, l.row_key as "rowKey"
        from compliance.audit_log l
        where l.occurred_at >= now() - interval '90 days' and l.schema_name = ${schema} and l.table_name = ${name}
        order by l.occurred_at desc, l.sequence desc
        limit 50`,
  )
