/** Questions that people ask of the platform first. */
export const starters = [
  [
    'Which runs failed lately?',
    'select *\n  from pipeline.run_summary\n order by created_at desc\n limit 50;',
  ],
  [
    'Why are records rejected?',
    "select record_kind, reason ->> 'column' as column, reason ->> 'rule' as rule, count(*)\n  from chart.staging_template s\n cross join lateral jsonb_array_elements(s.rejection_reasons) reason\n where s.status = 'rejected'\n group by 1, 2, 3\n order by 4 desc;",
  ],
  [
    'How large are the tables?',
    'select relid::regclass as table_name,\n       pg_size_pretty(pg_total_relation_size(relid)) as size,\n       n_live_tup as rows\n  from pg_stat_user_tables\n order by pg_total_relation_size(relid) desc\n limit 30;',
  ],
  [
    'Who is connected, doing what?',
    'select pid, usename, application_name, state, wait_event, now() - query_start as for, query\n  from pg_stat_activity\n where datname = current_database()\n order by query_start desc nulls last;',
  ],
] as const
