-- Quality: rules and where they apply, results, samples of failures, profiles, daily scores, anomalies.
--
-- squawk-ignore-file require-lock-timeout, require-statement-timeout
-- The runner sets a lock timeout and can be cancelled; on an empty database nobody is waited for.
-- squawk-ignore-file prefer-robust-stmts
-- Applied once, in one transaction, remembered in the ledger: half a file never stays, so nothing can exist already.
-- squawk-ignore-file require-concurrent-index-creation
-- The tables are made in the same transaction and hold no row; concurrently is refused inside of one.
-- squawk-ignore-file prefer-bigint-over-int
-- Integers here count versions, attempts, seconds and positions; what counts rows, bytes or identities is bigint.

create schema quality;

comment on schema quality is 'Data quality: rules, results, profiles, scores, anomalies';

create table quality.dimensions (
  code text primary key,
  name text not null,
  description text not null,
  weight numeric(5, 4) not null,
  position integer not null,
  constraint dimensions_position_key unique (position),
  constraint dimensions_code_check check (code ~ '^[a-z]+$'),
  constraint dimensions_weight_check check (weight > 0 and weight <= 1)
);

comment on table quality.dimensions is 'The six pillars of data quality';
comment on column quality.dimensions.code is 'Short name used by rules';
comment on column quality.dimensions.name is 'Name for people';
comment on column quality.dimensions.description is 'What the pillar asks';
comment on column quality.dimensions.weight is 'Share in the overall score of a table; those of the pillars with results are scaled to 1';
comment on column quality.dimensions.position is 'Order in reports';

insert into quality.dimensions (code, name, description, weight, position)
values
  ('accuracy', 'Accuracy', 'Values describe the real thing correctly', 0.2, 1),
  ('completeness', 'Completeness', 'Values that must be there are there', 0.2, 2),
  ('consistency', 'Consistency', 'Values agree with each other within and across tables', 0.15, 3),
  ('timeliness', 'Timeliness', 'Data arrives in time and describes the present', 0.15, 4),
  ('uniqueness', 'Uniqueness', 'One thing is recorded once', 0.15, 5),
  ('validity', 'Validity', 'Values have the right type, format and range', 0.15, 6);

create table quality.rules (
  rule_id uuid primary key default public.atlas_uuid_v7(),
  code text not null,
  name text not null,
  dimension_code text not null,
  kind text not null,
  parameters jsonb not null default '{}',
  expression text,
  severity text not null default 'error',
  threshold numeric(7, 6) not null default 1,
  is_enabled boolean not null default true,
  version integer not null default 1,
  owner text not null default 'data-quality',
  description text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint rules_code_key unique (code),
  constraint rules_dimension_fkey foreign key (dimension_code) references quality.dimensions (code),
  constraint rules_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint rules_kind_check check (kind ~ '^[a-z][a-z0-9_]{0,31}$'),
  constraint rules_parameters_check check (jsonb_typeof(parameters) = 'object'),
  constraint rules_expression_check check ((kind = 'sql') = (expression is not null)),
  constraint rules_severity_check check (severity in ('info', 'warning', 'error')),
  constraint rules_threshold_check check (threshold between 0 and 1),
  constraint rules_version_check check (version > 0)
);

comment on table quality.rules is 'Rules of quality. A rule says what is tested; an assignment says where';
comment on column quality.rules.rule_id is 'Key of the rule';
comment on column quality.rules.code is 'Short name used in results and reasons of rejection';
comment on column quality.rules.name is 'Name for people';
comment on column quality.rules.dimension_code is 'Pillar that the rule counts for';
comment on column quality.rules.kind is 'How it is tested, for example not_null, range, regex, unique, reference, freshness or sql';
comment on column quality.rules.parameters is 'Settings that the kind understands';
comment on column quality.rules.expression is 'SQL condition that a good row fulfils; null unless the kind is sql';
comment on column quality.rules.severity is 'What a failure is: info, warning or error; an error rejects a row';
comment on column quality.rules.threshold is 'Share of rows that must pass, 0 to 1';
comment on column quality.rules.is_enabled is 'Whether it is tested';
comment on column quality.rules.version is 'Raised by every change of the meaning';
comment on column quality.rules.owner is 'Person or team who answers for the rule';
comment on column quality.rules.description is 'Why the rule is there';
comment on column quality.rules.created_at is 'When the rule was made';
comment on column quality.rules.updated_at is 'When it changed last';

create index rules_dimension_idx on quality.rules (dimension_code);

create trigger touch_updated_at
before update on quality.rules
for each row execute function public.atlas_touch_updated_at();

create table quality.rule_assignments (
  assignment_id uuid primary key default public.atlas_uuid_v7(),
  rule_id uuid not null,
  schema_name text not null,
  table_name text not null,
  column_name text,
  row_filter text,
  parameters jsonb not null default '{}',
  threshold numeric(7, 6),
  weight numeric(5, 2) not null default 1,
  is_blocking boolean not null default false,
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint rule_assignments_key unique nulls not distinct (rule_id, schema_name, table_name, column_name),
  constraint rule_assignments_rule_fkey foreign key (rule_id) references quality.rules (rule_id) on delete cascade,
  constraint rule_assignments_parameters_check check (jsonb_typeof(parameters) = 'object'),
  constraint rule_assignments_threshold_check check (threshold between 0 and 1),
  constraint rule_assignments_weight_check check (weight > 0)
);

comment on table quality.rule_assignments is 'Where a rule applies: a table, or a column of it';
comment on column quality.rule_assignments.assignment_id is 'Key of the assignment';
comment on column quality.rule_assignments.rule_id is 'Rule that applies';
comment on column quality.rule_assignments.schema_name is 'Schema of the table';
comment on column quality.rule_assignments.table_name is 'Table that is tested';
comment on column quality.rule_assignments.column_name is 'Column or key of the record that is tested; null for a rule of the whole row';
comment on column quality.rule_assignments.row_filter is 'SQL condition that picks the rows to test; null for all';
comment on column quality.rule_assignments.parameters is 'Settings that go before the rule''s own';
comment on column quality.rule_assignments.threshold is 'Share of rows that must pass here; null for the rule''s own';
comment on column quality.rule_assignments.weight is 'Weight among the rules of the same pillar';
comment on column quality.rule_assignments.is_blocking is 'Whether a failure stops the pipeline';
comment on column quality.rule_assignments.is_enabled is 'Whether it is tested';
comment on column quality.rule_assignments.created_at is 'When the assignment was made';
comment on column quality.rule_assignments.updated_at is 'When it changed last';

create index rule_assignments_table_idx on quality.rule_assignments (schema_name, table_name) where is_enabled;

create trigger touch_updated_at
before update on quality.rule_assignments
for each row execute function public.atlas_touch_updated_at();

-- An evaluation carries its time in its uuid, as a batch does: so one evaluation cannot score one
-- partition by one assignment twice, although the key must contain the partition key.
create table quality.test_runs (
  test_run_id uuid not null default public.atlas_uuid_v7(),
  tested_at timestamptz not null,
  evaluation_id uuid not null,
  assignment_id uuid not null,
  rule_id uuid not null,
  dimension_code text not null,
  schema_name text not null,
  table_name text not null,
  column_name text,
  partition_name text,
  batch_id uuid,
  run_id uuid,
  task_run_id uuid,
  status text not null,
  rows_tested bigint not null default 0,
  rows_failed bigint not null default 0,
  score numeric(7, 6),
  threshold numeric(7, 6) not null,
  observed jsonb not null default '{}',
  duration_ms integer not null default 0,
  error jsonb,
  constraint test_runs_pkey primary key (test_run_id, tested_at),
  constraint test_runs_evaluation_key
    unique nulls not distinct (evaluation_id, assignment_id, partition_name, batch_id, tested_at),
  constraint test_runs_assignment_fkey
    foreign key (assignment_id) references quality.rule_assignments (assignment_id) on delete cascade,
  constraint test_runs_rule_fkey foreign key (rule_id) references quality.rules (rule_id) on delete cascade,
  constraint test_runs_dimension_fkey foreign key (dimension_code) references quality.dimensions (code),
  constraint test_runs_time_check check (tested_at = explore.batch_time(evaluation_id)),
  constraint test_runs_status_check check (status in ('passed', 'warning', 'failed', 'error', 'skipped')),
  constraint test_runs_rows_check check (rows_failed between 0 and rows_tested),
  constraint test_runs_score_check check (score between 0 and 1),
  constraint test_runs_scored_check check ((status in ('error', 'skipped')) = (score is null)),
  constraint test_runs_threshold_check check (threshold between 0 and 1),
  constraint test_runs_error_check check ((status = 'error') = (error is not null))
) partition by range (tested_at);

comment on table quality.test_runs is 'Results of tests, partitioned by year. A writer passes evaluation_id, a uuid of version 7, and tested_at = explore.batch_time(evaluation_id); scoring one thing twice in an evaluation violates a unique key';
comment on column quality.test_runs.test_run_id is 'Key of the result, with tested_at';
comment on column quality.test_runs.tested_at is 'Partition key: the instant inside evaluation_id';
comment on column quality.test_runs.evaluation_id is 'Evaluation of a table: all results of one go, a uuid of version 7';
comment on column quality.test_runs.assignment_id is 'Assignment that was tested';
comment on column quality.test_runs.rule_id is 'Rule that was tested';
comment on column quality.test_runs.dimension_code is 'Pillar that the result counts for';
comment on column quality.test_runs.schema_name is 'Schema of the table';
comment on column quality.test_runs.table_name is 'Table that was tested';
comment on column quality.test_runs.column_name is 'Column that was tested; null for a rule of the whole row';
comment on column quality.test_runs.partition_name is 'Partition that was tested; null for the whole table';
comment on column quality.test_runs.batch_id is 'Batch that was tested; null when not one batch alone';
comment on column quality.test_runs.run_id is 'Pipeline run that tested; null for tests by hand. No foreign key: runs are pruned earlier';
comment on column quality.test_runs.task_run_id is 'Task that tested; null for tests by hand';
comment on column quality.test_runs.status is 'passed, warning, failed, error or skipped';
comment on column quality.test_runs.rows_tested is 'Rows tested';
comment on column quality.test_runs.rows_failed is 'Rows that did not pass';
comment on column quality.test_runs.score is 'Share of rows that passed, 0 to 1; null for errors and skipped tests';
comment on column quality.test_runs.threshold is 'Share that had to pass';
comment on column quality.test_runs.observed is 'What was measured beyond counts';
comment on column quality.test_runs.duration_ms is 'Time the test took';
comment on column quality.test_runs.error is 'Why the test could not be done; null unless status is error';

create index test_runs_table_idx on quality.test_runs (schema_name, table_name, tested_at desc);
create index test_runs_assignment_idx on quality.test_runs (assignment_id, tested_at desc);
create index test_runs_rule_idx on quality.test_runs (rule_id, tested_at desc);
create index test_runs_dimension_idx on quality.test_runs (dimension_code, tested_at desc);
create index test_runs_run_idx on quality.test_runs (run_id) where run_id is not null;
create index test_runs_failing_idx on quality.test_runs (tested_at desc) where status in ('failed', 'error');

create table quality.test_runs_2025 partition of quality.test_runs
for values from ('2025-01-01 00:00:00+00') to ('2026-01-01 00:00:00+00');
create table quality.test_runs_2026 partition of quality.test_runs
for values from ('2026-01-01 00:00:00+00') to ('2027-01-01 00:00:00+00');
create table quality.test_runs_2027 partition of quality.test_runs
for values from ('2027-01-01 00:00:00+00') to ('2028-01-01 00:00:00+00');
create table quality.test_runs_default partition of quality.test_runs default;

-- No foreign key to test_runs: moving a result out of the default partition, or detaching an old
-- partition, would have to delete its samples. They end by expires_at.
create table quality.failed_samples (
  sample_id uuid primary key default public.atlas_uuid_v7(),
  test_run_id uuid not null,
  tested_at timestamptz not null,
  batch_id uuid,
  source_row bigint,
  row_key jsonb not null default '{}',
  failed_value text,
  sample jsonb not null default '{}',
  reason text not null,
  classification text not null default 'internal',
  expires_at timestamptz not null default now() + interval '30 days',
  created_at timestamptz not null default now(),
  constraint failed_samples_expiry_check check (expires_at > created_at),
  constraint failed_samples_classification_check
    check (classification in ('public', 'internal', 'confidential', 'restricted', 'secret'))
);

comment on table quality.failed_samples is 'A few rows that failed a test, to look at. Kept for a short time only';
comment on column quality.failed_samples.sample_id is 'Key of the sample';
comment on column quality.failed_samples.test_run_id is 'Result that the sample belongs to';
comment on column quality.failed_samples.tested_at is 'Partition key of the result';
comment on column quality.failed_samples.batch_id is 'Batch of the row; null when it has none';
comment on column quality.failed_samples.source_row is 'Position of the row in its batch; null when it has none';
comment on column quality.failed_samples.row_key is 'Key of the row in its table';
comment on column quality.failed_samples.failed_value is 'Value that failed, masked where the column is personal; null when it was null';
comment on column quality.failed_samples.sample is 'The row, personal columns masked';
comment on column quality.failed_samples.reason is 'Why it failed';
comment on column quality.failed_samples.classification is 'Level that row-level security filters by';
comment on column quality.failed_samples.expires_at is 'When the sample is removed';
comment on column quality.failed_samples.created_at is 'When the sample was taken';

create index failed_samples_test_run_idx on quality.failed_samples (test_run_id, tested_at);
create index failed_samples_expiry_idx on quality.failed_samples (expires_at);

create table quality.table_profiles (
  profile_id uuid primary key default public.atlas_uuid_v7(),
  schema_name text not null,
  table_name text not null,
  partition_name text,
  profiled_at timestamptz not null default now(),
  method text not null default 'full',
  row_count bigint not null,
  rows_read bigint not null,
  size_bytes bigint not null default 0,
  column_count integer not null,
  duplicate_rows bigint,
  newest_at timestamptz,
  run_id uuid,
  duration_ms integer not null default 0,
  constraint table_profiles_key unique nulls not distinct (schema_name, table_name, partition_name, profiled_at),
  constraint table_profiles_run_fkey foreign key (run_id) references pipeline.pipeline_runs (run_id) on delete set null,
  constraint table_profiles_method_check check (method in ('full', 'sample')),
  constraint table_profiles_rows_check check (row_count >= 0 and rows_read >= 0 and duplicate_rows >= 0),
  constraint table_profiles_size_check check (size_bytes >= 0 and column_count > 0)
);

comment on table quality.table_profiles is 'Profiles of tables: their size and shape at one time';
comment on column quality.table_profiles.profile_id is 'Key of the profile';
comment on column quality.table_profiles.schema_name is 'Schema of the table';
comment on column quality.table_profiles.table_name is 'Table that was profiled';
comment on column quality.table_profiles.partition_name is 'Partition that was profiled; null for the whole table';
comment on column quality.table_profiles.profiled_at is 'When it was profiled';
comment on column quality.table_profiles.method is 'full, or sample for a part of the rows';
comment on column quality.table_profiles.row_count is 'Rows of the table; an estimate when only a sample was read';
comment on column quality.table_profiles.rows_read is 'Rows that were read';
comment on column quality.table_profiles.size_bytes is 'Size with indexes';
comment on column quality.table_profiles.column_count is 'Columns of the table';
comment on column quality.table_profiles.duplicate_rows is 'Rows that repeat another; null when not looked for';
comment on column quality.table_profiles.newest_at is 'Time of the newest row; null when the table knows no time';
comment on column quality.table_profiles.run_id is 'Pipeline run that profiled; null when by hand or pruned';
comment on column quality.table_profiles.duration_ms is 'Time the profile took';

create index table_profiles_time_idx on quality.table_profiles (profiled_at desc);
create index table_profiles_run_idx on quality.table_profiles (run_id) where run_id is not null;

create table quality.column_profiles (
  column_profile_id uuid primary key default public.atlas_uuid_v7(),
  profile_id uuid not null,
  column_name text not null,
  ordinal integer not null,
  data_type text not null,
  null_count bigint not null,
  distinct_count bigint,
  min_value text,
  max_value text,
  mean numeric,
  standard_deviation numeric,
  quantiles jsonb not null default '{}',
  top_values jsonb not null default '[]',
  histogram jsonb not null default '[]',
  is_personal boolean not null default false,
  constraint column_profiles_key unique (profile_id, column_name),
  constraint column_profiles_profile_fkey
    foreign key (profile_id) references quality.table_profiles (profile_id) on delete cascade,
  constraint column_profiles_counts_check check (null_count >= 0 and distinct_count >= 0),
  constraint column_profiles_ordinal_check check (ordinal > 0),
  constraint column_profiles_personal_check check (
    not is_personal
    or (num_nonnulls(min_value, max_value) = 0 and top_values = '[]' and histogram = '[]' and quantiles = '{}')
  )
);

comment on table quality.column_profiles is 'Profiles of columns, part of the profile of a table';
comment on column quality.column_profiles.column_profile_id is 'Key of the column profile';
comment on column quality.column_profiles.profile_id is 'Profile of the table';
comment on column quality.column_profiles.column_name is 'Column, or key of the record';
comment on column quality.column_profiles.ordinal is 'Position of the column';
comment on column quality.column_profiles.data_type is 'Type of the column, or found type of the key';
comment on column quality.column_profiles.null_count is 'Rows without a value';
comment on column quality.column_profiles.distinct_count is 'Different values, an estimate for samples; null when not counted';
comment on column quality.column_profiles.min_value is 'Smallest value; null for empty and for personal columns';
comment on column quality.column_profiles.max_value is 'Largest value; null for empty and for personal columns';
comment on column quality.column_profiles.mean is 'Mean; null unless numeric';
comment on column quality.column_profiles.standard_deviation is 'Standard deviation; null unless numeric';
comment on column quality.column_profiles.quantiles is 'Quantiles by name, for example {"p50": 3}; empty unless ordered';
comment on column quality.column_profiles.top_values is 'Most frequent values with counts; empty for personal columns';
comment on column quality.column_profiles.histogram is 'Counts by range; empty unless ordered';
comment on column quality.column_profiles.is_personal is 'Whether the column holds personal data, so that no value of it is kept';

create index column_profiles_name_idx on quality.column_profiles (column_name);

create table quality.table_scores (
  score_id uuid primary key default public.atlas_uuid_v7(),
  score_date date not null,
  schema_name text not null,
  table_name text not null,
  dimension_code text,
  score numeric(6, 3) not null,
  previous_score numeric(6, 3),
  rules_tested integer not null default 0,
  rules_failed integer not null default 0,
  rows_tested bigint not null default 0,
  rows_failed bigint not null default 0,
  evaluation_id uuid,
  calculated_at timestamptz not null default now(),
  constraint table_scores_key unique nulls not distinct (score_date, schema_name, table_name, dimension_code),
  constraint table_scores_dimension_fkey foreign key (dimension_code) references quality.dimensions (code),
  constraint table_scores_score_check check (score between 0 and 100 and previous_score between 0 and 100),
  constraint table_scores_rules_check check (rules_failed between 0 and rules_tested),
  constraint table_scores_rows_check check (rows_failed between 0 and rows_tested)
);

comment on table quality.table_scores is 'Daily scorecard: one row a day, table and pillar, and one for the table as a whole';
comment on column quality.table_scores.score_id is 'Key of the score';
comment on column quality.table_scores.score_date is 'Day, in UTC';
comment on column quality.table_scores.schema_name is 'Schema of the table';
comment on column quality.table_scores.table_name is 'Table that was scored';
comment on column quality.table_scores.dimension_code is 'Pillar; null for the table as a whole';
comment on column quality.table_scores.score is 'Score, 0 to 100';
comment on column quality.table_scores.previous_score is 'Score of the last day that has one; null for the first';
comment on column quality.table_scores.rules_tested is 'Rules that were tested';
comment on column quality.table_scores.rules_failed is 'Rules that failed';
comment on column quality.table_scores.rows_tested is 'Rows tested, summed over rules';
comment on column quality.table_scores.rows_failed is 'Rows failed, summed over rules';
comment on column quality.table_scores.evaluation_id is 'Evaluation that the score is of; null for a mean over several';
comment on column quality.table_scores.calculated_at is 'When the score was worked out last';

create index table_scores_table_idx on quality.table_scores (schema_name, table_name, score_date desc);
create index table_scores_dimension_idx on quality.table_scores (dimension_code, score_date desc);

create table quality.anomalies (
  anomaly_id uuid primary key default public.atlas_uuid_v7(),
  schema_name text not null,
  table_name text not null,
  column_name text,
  metric text not null,
  observed_at timestamptz not null,
  observed_value numeric not null,
  expected_value numeric,
  lower_bound numeric,
  upper_bound numeric,
  deviation numeric,
  method text not null,
  severity text not null default 'warning',
  status text not null default 'open',
  explanation text not null default '',
  run_id uuid,
  detected_at timestamptz not null default now(),
  decided_at timestamptz,
  decided_by text,
  constraint anomalies_key unique nulls not distinct (schema_name, table_name, column_name, metric, observed_at),
  constraint anomalies_run_fkey foreign key (run_id) references pipeline.pipeline_runs (run_id) on delete set null,
  constraint anomalies_bounds_check check (lower_bound <= upper_bound),
  constraint anomalies_severity_check check (severity in ('info', 'warning', 'error', 'critical')),
  constraint anomalies_status_check check (status in ('open', 'acknowledged', 'resolved', 'false_positive')),
  constraint anomalies_decided_check check (
    (status = 'open') = (decided_at is null)
    and (decided_at is null) = (decided_by is null)
  )
);

comment on table quality.anomalies is 'Measures that left their usual range';
comment on column quality.anomalies.anomaly_id is 'Key of the anomaly';
comment on column quality.anomalies.schema_name is 'Schema of the table';
comment on column quality.anomalies.table_name is 'Table it was seen in';
comment on column quality.anomalies.column_name is 'Column it was seen in; null for measures of the table';
comment on column quality.anomalies.metric is 'Measure, for example row_count, null_share or freshness';
comment on column quality.anomalies.observed_at is 'Time of the measurement';
comment on column quality.anomalies.observed_value is 'What was measured';
comment on column quality.anomalies.expected_value is 'What was expected; null when the method knows a range only';
comment on column quality.anomalies.lower_bound is 'Lower end of the usual range; null when it has none';
comment on column quality.anomalies.upper_bound is 'Upper end of the usual range; null when it has none';
comment on column quality.anomalies.deviation is 'Distance from the expected value in standard deviations; null when not defined';
comment on column quality.anomalies.method is 'Method that found it, for example robust_z or seasonal';
comment on column quality.anomalies.severity is 'info, warning, error or critical';
comment on column quality.anomalies.status is 'open, acknowledged, resolved or false_positive';
comment on column quality.anomalies.explanation is 'What was found out';
comment on column quality.anomalies.run_id is 'Pipeline run that measured; null when none or pruned';
comment on column quality.anomalies.detected_at is 'When it was found';
comment on column quality.anomalies.decided_at is 'When somebody decided on it; null while open';
comment on column quality.anomalies.decided_by is 'Who decided on it; null while open';

create index anomalies_open_idx on quality.anomalies (detected_at desc) where status = 'open';
create index anomalies_run_idx on quality.anomalies (run_id) where run_id is not null;

-- ---------------------------------------------------------------------------
-- Views
-- ---------------------------------------------------------------------------

create view quality.latest_scores with (security_invoker = true) as
select distinct on (s.schema_name, s.table_name, s.dimension_code)
  s.schema_name,
  s.table_name,
  s.dimension_code,
  s.score_date,
  s.score,
  s.previous_score,
  s.score - s.previous_score as change,
  s.rules_tested,
  s.rules_failed,
  s.rows_tested,
  s.rows_failed,
  s.calculated_at
from quality.table_scores s
where s.score_date > current_date - 90
order by s.schema_name, s.table_name, s.dimension_code, s.score_date desc;

comment on view quality.latest_scores is
  'Newest score of each table and pillar within 90 days; dimension_code null is the table as a whole';

create view quality.failing_rules with (security_invoker = true) as
select
  l.schema_name,
  l.table_name,
  l.column_name,
  l.partition_name,
  r.code as rule_code,
  r.name as rule_name,
  l.dimension_code,
  r.severity,
  l.status,
  l.score,
  l.threshold,
  l.rows_tested,
  l.rows_failed,
  l.tested_at,
  l.test_run_id,
  l.assignment_id,
  a.is_blocking
from (
  select distinct on (t.assignment_id, t.partition_name) t.*
  from quality.test_runs t
  where t.tested_at > now() - interval '30 days'
  order by t.assignment_id, t.partition_name, t.tested_at desc
) l
join quality.rules r on r.rule_id = l.rule_id
join quality.rule_assignments a on a.assignment_id = l.assignment_id
where l.status in ('failed', 'error');

comment on view quality.failing_rules is
  'Assignments whose newest result within 30 days failed or could not be tested; reads only the partitions of those days';
