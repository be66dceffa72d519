-- Orchestration: pipelines as data, their runs and tasks with leases and fencing tokens, logs,
-- schedules, checkpoints, the outbox of lineage events, and alerts.
--
-- squawk-ignore-file require-lock-timeout, require-statement-timeout
-- The runner sets a lock timeout and can be cancelled; on an empty database nobody is waited for.
-- squawk-ignore-file prefer-robust-stmts
-- Applied once, in one transaction, remembered in the ledger: half a file never stays, so nothing can exist already.
-- squawk-ignore-file require-concurrent-index-creation
-- The tables are made in the same transaction and hold no row; concurrently is refused inside of one.
-- squawk-ignore-file prefer-bigint-over-int
-- Integers here count versions, attempts, seconds and positions; what counts rows, bytes or identities is bigint.

create schema pipeline;

comment on schema pipeline is 'Orchestration: definitions, runs, tasks, logs, schedules, checkpoints, lineage, alerts';

create sequence pipeline.fencing_token_seq;

comment on sequence pipeline.fencing_token_seq is
  'Fencing tokens: whoever takes a lease draws the next one, and a write with an older token is refused';

create table pipeline.pipelines (
  pipeline_id uuid primary key default public.atlas_uuid_v7(),
  name text not null,
  version integer not null default 1,
  definition jsonb not null,
  definition_checksum text not null,
  is_enabled boolean not null default true,
  owner text not null,
  description text not null default '',
  tags text[] not null default '{}',
  max_concurrent_runs integer not null default 1,
  engine text not null default 'atlas',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pipelines_name_key unique (name),
  constraint pipelines_name_check check (name ~ '^[a-z][a-z0-9_-]{0,62}$'),
  constraint pipelines_version_check check (version > 0),
  constraint pipelines_definition_check check (jsonb_typeof(definition) = 'object'),
  constraint pipelines_checksum_check check (octet_length(definition_checksum) = 64),
  constraint pipelines_concurrency_check check (max_concurrent_runs between 1 and 100),
  constraint pipelines_engine_check check (engine in ('atlas', 'prefect'))
);

comment on table pipeline.pipelines is 'Pipelines as data. The definition is what the editor shows; tasks and dependencies are its normal form, written in the same transaction';
comment on column pipeline.pipelines.pipeline_id is 'Key of the pipeline';
comment on column pipeline.pipelines.name is 'Name used on the command line and in lineage';
comment on column pipeline.pipelines.version is 'Raised by every change of the definition';
comment on column pipeline.pipelines.definition is 'The definition as written';
comment on column pipeline.pipelines.definition_checksum is 'public.atlas_record_checksum(definition): tells whether a run used this definition';
comment on column pipeline.pipelines.is_enabled is 'Whether schedules may start it; by hand it can always be started';
comment on column pipeline.pipelines.owner is 'Person or team who answers for the pipeline';
comment on column pipeline.pipelines.description is 'What the pipeline does';
comment on column pipeline.pipelines.tags is 'Words to filter by';
comment on column pipeline.pipelines.max_concurrent_runs is 'Runs that may be under way at once; further ones wait';
comment on column pipeline.pipelines.engine is 'What dispatches the tasks: atlas or prefect';
comment on column pipeline.pipelines.created_at is 'When the pipeline was created';
comment on column pipeline.pipelines.updated_at is 'When it changed last';

create index pipelines_tags_idx on pipeline.pipelines using gin (tags);

create trigger touch_updated_at
before update on pipeline.pipelines
for each row execute function public.atlas_touch_updated_at();

create table pipeline.pipeline_tasks (
  task_id uuid primary key default public.atlas_uuid_v7(),
  pipeline_id uuid not null,
  task_key text not null,
  kind text not null,
  config jsonb not null default '{}',
  max_attempts integer not null default 1,
  timeout_seconds integer not null default 3600,
  retry_delay_seconds integer not null default 10,
  retry_backoff numeric(4, 2) not null default 2,
  position integer not null default 0,
  description text not null default '',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint pipeline_tasks_key unique (pipeline_id, task_key),
  constraint pipeline_tasks_pipeline_fkey
    foreign key (pipeline_id) references pipeline.pipelines (pipeline_id) on delete cascade,
  constraint pipeline_tasks_task_key_check check (task_key ~ '^[a-z][a-z0-9_-]{0,62}$'),
  constraint pipeline_tasks_kind_check check (kind ~ '^[a-z][a-z0-9_]{0,31}$'),
  constraint pipeline_tasks_config_check check (jsonb_typeof(config) = 'object'),
  constraint pipeline_tasks_attempts_check check (max_attempts between 1 and 20),
  constraint pipeline_tasks_timeout_check check (timeout_seconds between 1 and 604800),
  constraint pipeline_tasks_retry_check check (retry_delay_seconds between 0 and 86400 and retry_backoff between 1 and 10)
);

comment on table pipeline.pipeline_tasks is 'Tasks of a pipeline';
comment on column pipeline.pipeline_tasks.task_id is 'Key of the task';
comment on column pipeline.pipeline_tasks.pipeline_id is 'Pipeline the task belongs to';
comment on column pipeline.pipeline_tasks.task_key is 'Name of the task within the pipeline';
comment on column pipeline.pipeline_tasks.kind is 'What runs it, for example land, validate, publish, sql or quality';
comment on column pipeline.pipeline_tasks.config is 'Settings that the kind understands';
comment on column pipeline.pipeline_tasks.max_attempts is 'Attempts before the task has failed';
comment on column pipeline.pipeline_tasks.timeout_seconds is 'Longest time of one attempt';
comment on column pipeline.pipeline_tasks.retry_delay_seconds is 'Wait before the second attempt';
comment on column pipeline.pipeline_tasks.retry_backoff is 'Factor by which every further wait grows';
comment on column pipeline.pipeline_tasks.position is 'Order in which the task is shown';
comment on column pipeline.pipeline_tasks.description is 'What the task does';
comment on column pipeline.pipeline_tasks.created_at is 'When the task was created';
comment on column pipeline.pipeline_tasks.updated_at is 'When it changed last';

create trigger touch_updated_at
before update on pipeline.pipeline_tasks
for each row execute function public.atlas_touch_updated_at();

create table pipeline.task_dependencies (
  pipeline_id uuid not null,
  task_key text not null,
  depends_on text not null,
  condition text not null default 'success',
  constraint task_dependencies_pkey primary key (pipeline_id, task_key, depends_on),
  constraint task_dependencies_task_fkey
    foreign key (pipeline_id, task_key) references pipeline.pipeline_tasks (pipeline_id, task_key)
    on update cascade on delete cascade,
  constraint task_dependencies_depends_on_fkey
    foreign key (pipeline_id, depends_on) references pipeline.pipeline_tasks (pipeline_id, task_key)
    on update cascade on delete cascade,
  constraint task_dependencies_self_check check (task_key <> depends_on),
  constraint task_dependencies_condition_check check (condition in ('success', 'failure', 'always'))
);

comment on table pipeline.task_dependencies is 'Which task waits for which, within one pipeline; a cycle is refused when the transaction commits';
comment on column pipeline.task_dependencies.pipeline_id is 'Pipeline of both tasks';
comment on column pipeline.task_dependencies.task_key is 'Task that waits';
comment on column pipeline.task_dependencies.depends_on is 'Task that it waits for';
comment on column pipeline.task_dependencies.condition is 'When it may start: success, failure or always';

create index task_dependencies_depends_on_idx on pipeline.task_dependencies (pipeline_id, depends_on);

create function pipeline.refuse_dependency_cycle()
returns trigger
language plpgsql
as $$
begin
  if exists (
    with recursive upstream as (
      select d.depends_on
      from pipeline.task_dependencies d
      where d.pipeline_id = new.pipeline_id
        and d.task_key = new.task_key
      union
      select d.depends_on
      from upstream u
      join pipeline.task_dependencies d on d.pipeline_id = new.pipeline_id and d.task_key = u.depends_on
    )
    select from upstream where depends_on = new.task_key
  ) then
    raise exception 'task "%" waits for itself', new.task_key
      using errcode = 'check_violation', constraint = 'task_dependencies_cycle',
      schema = 'pipeline', table = 'task_dependencies';
  end if;
  return null;
end
$$;

comment on function pipeline.refuse_dependency_cycle() is
  'Trigger at commit: refuses tasks that wait for each other in a circle (23514, task_dependencies_cycle)';

create constraint trigger task_dependencies_cycle
after insert or update on pipeline.task_dependencies
deferrable initially deferred
for each row execute function pipeline.refuse_dependency_cycle();

create table pipeline.schedules (
  schedule_id uuid primary key default public.atlas_uuid_v7(),
  pipeline_id uuid not null,
  name text not null,
  cron text not null,
  timezone text not null default 'UTC',
  parameters jsonb not null default '{}',
  is_enabled boolean not null default true,
  catchup text not null default 'last',
  starts_at timestamptz,
  ends_at timestamptz,
  next_run_at timestamptz,
  last_run_at timestamptz,
  created_by text not null default session_user,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint schedules_name_key unique (pipeline_id, name),
  constraint schedules_pipeline_fkey
    foreign key (pipeline_id) references pipeline.pipelines (pipeline_id) on delete cascade,
  constraint schedules_cron_check check (cron ~ '^\S+( \S+){4}$'),
  constraint schedules_parameters_check check (jsonb_typeof(parameters) = 'object'),
  constraint schedules_catchup_check check (catchup in ('skip', 'last', 'all')),
  constraint schedules_period_check check (starts_at < ends_at)
);

comment on table pipeline.schedules is 'When a pipeline starts by itself';
comment on column pipeline.schedules.schedule_id is 'Key of the schedule';
comment on column pipeline.schedules.pipeline_id is 'Pipeline to start';
comment on column pipeline.schedules.name is 'Name of the schedule within the pipeline';
comment on column pipeline.schedules.cron is 'Cron expression of five fields';
comment on column pipeline.schedules.timezone is 'Time zone of the expression, IANA name';
comment on column pipeline.schedules.parameters is 'Parameters of the runs';
comment on column pipeline.schedules.is_enabled is 'Whether it starts runs';
comment on column pipeline.schedules.catchup is 'What happens to times missed while nothing ran: skip, last or all';
comment on column pipeline.schedules.starts_at is 'No run before; null means at once';
comment on column pipeline.schedules.ends_at is 'No run after; null means never';
comment on column pipeline.schedules.next_run_at is 'Next time to start a run; null when disabled or over';
comment on column pipeline.schedules.last_run_at is 'Time of the run started last; null before the first';
comment on column pipeline.schedules.created_by is 'Who made the schedule';
comment on column pipeline.schedules.created_at is 'When the schedule was made';
comment on column pipeline.schedules.updated_at is 'When it changed last';

create index schedules_due_idx on pipeline.schedules (next_run_at) where is_enabled and next_run_at is not null;

create trigger touch_updated_at
before update on pipeline.schedules
for each row execute function public.atlas_touch_updated_at();

create table pipeline.pipeline_runs (
  run_id uuid primary key default public.atlas_uuid_v7(),
  run_number bigint generated always as identity,
  pipeline_id uuid not null,
  pipeline_version integer not null default 1,
  definition jsonb not null default '{}',
  status text not null default 'queued',
  trigger text not null default 'manual',
  engine text not null default 'atlas',
  external_id text,
  parameters jsonb not null default '{}',
  rerun_of uuid,
  schedule_id uuid,
  scheduled_for timestamptz,
  idempotency_key text,
  requested_by text not null default session_user,
  priority integer not null default 0,
  rows_in bigint not null default 0,
  rows_out bigint not null default 0,
  rows_rejected bigint not null default 0,
  error jsonb,
  created_at timestamptz not null default clock_timestamp(),
  started_at timestamptz,
  finished_at timestamptz,
  cancel_requested_at timestamptz,
  cancel_requested_by text,
  updated_at timestamptz not null default now(),
  constraint pipeline_runs_number_key unique (run_number),
  constraint pipeline_runs_idempotency_key unique (idempotency_key),
  constraint pipeline_runs_scheduled_key unique (schedule_id, scheduled_for),
  constraint pipeline_runs_pipeline_fkey foreign key (pipeline_id) references pipeline.pipelines (pipeline_id),
  constraint pipeline_runs_rerun_fkey foreign key (rerun_of) references pipeline.pipeline_runs (run_id) on delete set null,
  constraint pipeline_runs_schedule_fkey
    foreign key (schedule_id) references pipeline.schedules (schedule_id) on delete set null,
  constraint pipeline_runs_status_check
    check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  constraint pipeline_runs_trigger_check check (trigger in ('manual', 'schedule', 'rerun', 'cli', 'api')),
  constraint pipeline_runs_engine_check check (engine in ('atlas', 'prefect')),
  constraint pipeline_runs_parameters_check check (jsonb_typeof(parameters) = 'object'),
  constraint pipeline_runs_started_check
    check (started_at is not null or status in ('queued', 'cancelled', 'failed')),
  constraint pipeline_runs_finished_check
    check ((status in ('succeeded', 'failed', 'cancelled')) = (finished_at is not null)),
  constraint pipeline_runs_error_check check (status <> 'failed' or error is not null),
  constraint pipeline_runs_rows_check check (rows_in >= 0 and rows_out >= 0 and rows_rejected >= 0)
);

comment on table pipeline.pipeline_runs is 'Runs of pipelines';
comment on column pipeline.pipeline_runs.run_id is 'Key of the run';
comment on column pipeline.pipeline_runs.run_number is 'Number for people; ascending with gaps';
comment on column pipeline.pipeline_runs.pipeline_id is 'Pipeline that runs';
comment on column pipeline.pipeline_runs.pipeline_version is 'Version of the pipeline when the run was requested';
comment on column pipeline.pipeline_runs.definition is 'Definition that the run follows, so that a later edit does not change it';
comment on column pipeline.pipeline_runs.status is 'queued, running, succeeded, failed or cancelled';
comment on column pipeline.pipeline_runs.trigger is 'What requested the run: manual, schedule, rerun, cli or api';
comment on column pipeline.pipeline_runs.engine is 'What dispatches the tasks: atlas or prefect';
comment on column pipeline.pipeline_runs.external_id is 'Identifier of the run in the other engine; null for atlas';
comment on column pipeline.pipeline_runs.parameters is 'Parameters of the run';
comment on column pipeline.pipeline_runs.rerun_of is 'Run that this one repeats; null when it repeats none';
comment on column pipeline.pipeline_runs.schedule_id is 'Schedule that started it; null when none did, or the schedule is gone';
comment on column pipeline.pipeline_runs.scheduled_for is 'Time of the schedule that it stands for; null without a schedule';
comment on column pipeline.pipeline_runs.idempotency_key is 'Key by which a repeated request finds this run; null when the caller gave none';
comment on column pipeline.pipeline_runs.requested_by is 'Who requested the run';
comment on column pipeline.pipeline_runs.priority is 'Higher starts earlier among waiting runs';
comment on column pipeline.pipeline_runs.rows_in is 'Rows read by all tasks';
comment on column pipeline.pipeline_runs.rows_out is 'Rows written by all tasks';
comment on column pipeline.pipeline_runs.rows_rejected is 'Rows rejected by all tasks';
comment on column pipeline.pipeline_runs.error is '{code, message, task_key} of the first failure; null unless failed';
comment on column pipeline.pipeline_runs.created_at is 'When the run was requested';
comment on column pipeline.pipeline_runs.started_at is 'When the first task started; null while queued or when cancelled before';
comment on column pipeline.pipeline_runs.finished_at is 'When the run ended; null while under way';
comment on column pipeline.pipeline_runs.cancel_requested_at is 'When somebody asked to cancel; null otherwise';
comment on column pipeline.pipeline_runs.cancel_requested_by is 'Who asked to cancel; null otherwise';
comment on column pipeline.pipeline_runs.updated_at is 'When the run changed last';

create index pipeline_runs_pipeline_idx on pipeline.pipeline_runs (pipeline_id, created_at desc);
create index pipeline_runs_created_idx on pipeline.pipeline_runs (created_at desc);
create index pipeline_runs_open_idx on pipeline.pipeline_runs (pipeline_id, priority desc, created_at)
where status in ('queued', 'running');
create index pipeline_runs_failed_idx on pipeline.pipeline_runs (finished_at desc) where status = 'failed';
create index pipeline_runs_rerun_idx on pipeline.pipeline_runs (rerun_of) where rerun_of is not null;

create trigger touch_updated_at
before update on pipeline.pipeline_runs
for each row execute function public.atlas_touch_updated_at();

create table pipeline.task_runs (
  task_run_id uuid primary key default public.atlas_uuid_v7(),
  run_id uuid not null,
  task_key text not null,
  kind text not null,
  config jsonb not null default '{}',
  depends_on text[] not null default '{}',
  status text not null default 'queued',
  attempt integer not null default 0,
  max_attempts integer not null default 1,
  timeout_seconds integer not null default 3600,
  retry_delay_seconds integer not null default 10,
  retry_backoff numeric(4, 2) not null default 2,
  available_at timestamptz not null default clock_timestamp(),
  fencing_token bigint not null default 0,
  lease_owner text,
  lease_expires_at timestamptz,
  heartbeat_at timestamptz,
  rows_in bigint not null default 0,
  rows_out bigint not null default 0,
  rows_rejected bigint not null default 0,
  progress jsonb not null default '{}',
  output jsonb not null default '{}',
  kept_from uuid,
  error jsonb,
  created_at timestamptz not null default clock_timestamp(),
  ready_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  updated_at timestamptz not null default now(),
  constraint task_runs_task_key unique (run_id, task_key),
  constraint task_runs_run_fkey foreign key (run_id) references pipeline.pipeline_runs (run_id) on delete cascade,
  constraint task_runs_kept_fkey foreign key (kept_from) references pipeline.task_runs (task_run_id) on delete set null,
  constraint task_runs_status_check check (
    status in ('queued', 'ready', 'running', 'succeeded', 'failed', 'cancelled', 'skipped', 'upstream_failed')
  ),
  constraint task_runs_kind_check check (kind ~ '^[a-z][a-z0-9_]{0,31}$'),
  constraint task_runs_config_check check (jsonb_typeof(config) = 'object'),
  constraint task_runs_attempt_check check (attempt >= 0 and attempt <= max_attempts),
  constraint task_runs_lease_check check (
    (status = 'running') = (lease_owner is not null)
    and (lease_owner is null) = (lease_expires_at is null)
  ),
  constraint task_runs_token_check check (fencing_token >= 0 and (status <> 'running' or fencing_token > 0)),
  constraint task_runs_started_check check (status <> 'running' or started_at is not null),
  constraint task_runs_finished_check
    check ((status in ('queued', 'ready', 'running')) = (finished_at is null)),
  constraint task_runs_error_check check (status <> 'failed' or error is not null),
  constraint task_runs_rows_check check (rows_in >= 0 and rows_out >= 0 and rows_rejected >= 0)
);

comment on table pipeline.task_runs is 'Tasks of a run. A worker takes a lease with a fencing token and writes its result and this row in one transaction, guarded by the token';
comment on column pipeline.task_runs.task_run_id is 'Key of the task run';
comment on column pipeline.task_runs.run_id is 'Run the task belongs to';
comment on column pipeline.task_runs.task_key is 'Name of the task within the pipeline';
comment on column pipeline.task_runs.kind is 'What runs it, copied from the definition';
comment on column pipeline.task_runs.config is 'Settings, copied from the definition with parameters filled in';
comment on column pipeline.task_runs.depends_on is 'Tasks it waits for, copied from the definition';
comment on column pipeline.task_runs.status is 'queued, ready, running, succeeded, failed, cancelled, skipped or upstream_failed';
comment on column pipeline.task_runs.attempt is 'Attempts begun';
comment on column pipeline.task_runs.max_attempts is 'Attempts before the task has failed';
comment on column pipeline.task_runs.timeout_seconds is 'Longest time of one attempt';
comment on column pipeline.task_runs.retry_delay_seconds is 'Wait before the second attempt';
comment on column pipeline.task_runs.retry_backoff is 'Factor by which every further wait grows';
comment on column pipeline.task_runs.available_at is 'Not to be taken before: moved forward by a retry';
comment on column pipeline.task_runs.fencing_token is 'Token of the lease taken last, from pipeline.fencing_token_seq';
comment on column pipeline.task_runs.lease_owner is 'Worker that holds the lease; null when nobody does';
comment on column pipeline.task_runs.lease_expires_at is 'When the lease ends unless renewed; null when nobody holds it';
comment on column pipeline.task_runs.heartbeat_at is 'When the worker renewed last; null before the first attempt';
comment on column pipeline.task_runs.rows_in is 'Rows read';
comment on column pipeline.task_runs.rows_out is 'Rows written';
comment on column pipeline.task_runs.rows_rejected is 'Rows rejected';
comment on column pipeline.task_runs.progress is '{done, total, unit, note} of the attempt under way';
comment on column pipeline.task_runs.output is 'What later tasks may refer to, for example a batch';
comment on column pipeline.task_runs.kept_from is 'Task run of an earlier run whose result a rerun kept; null when the task ran itself';
comment on column pipeline.task_runs.error is '{code, message, detail} of the last attempt; null unless it failed';
comment on column pipeline.task_runs.created_at is 'When the run was requested';
comment on column pipeline.task_runs.ready_at is 'When everything it waits for was done; null before';
comment on column pipeline.task_runs.started_at is 'When the last attempt began; null before the first';
comment on column pipeline.task_runs.finished_at is 'When the task ended; null while it waits or runs';
comment on column pipeline.task_runs.updated_at is 'When the row changed last';

create index task_runs_ready_idx on pipeline.task_runs (available_at, task_run_id) where status = 'ready';
create index task_runs_lease_idx on pipeline.task_runs (lease_expires_at) where status = 'running';
create index task_runs_failed_idx on pipeline.task_runs (finished_at desc) where status = 'failed';
create index task_runs_done_idx on pipeline.task_runs (kind, finished_at desc) where status = 'succeeded';
create index task_runs_kept_idx on pipeline.task_runs (kept_from) where kept_from is not null;

create trigger touch_updated_at
before update on pipeline.task_runs
for each row execute function public.atlas_touch_updated_at();

create table pipeline.run_logs (
  log_id bigint generated always as identity primary key,
  run_id uuid not null,
  task_run_id uuid,
  attempt integer not null default 0,
  at timestamptz not null default clock_timestamp(),
  level text not null default 'info',
  message text not null,
  data jsonb not null default '{}',
  constraint run_logs_run_fkey foreign key (run_id) references pipeline.pipeline_runs (run_id) on delete cascade,
  constraint run_logs_task_fkey
    foreign key (task_run_id) references pipeline.task_runs (task_run_id) on delete cascade,
  constraint run_logs_level_check check (level in ('debug', 'info', 'warning', 'error')),
  constraint run_logs_attempt_check check (attempt >= 0)
);

comment on table pipeline.run_logs is 'What runs and tasks said';
comment on column pipeline.run_logs.log_id is 'Order in which lines were written';
comment on column pipeline.run_logs.run_id is 'Run that said it';
comment on column pipeline.run_logs.task_run_id is 'Task that said it; null for the run itself';
comment on column pipeline.run_logs.attempt is 'Attempt of the task';
comment on column pipeline.run_logs.at is 'When it was said';
comment on column pipeline.run_logs.level is 'debug, info, warning or error';
comment on column pipeline.run_logs.message is 'What was said; never a value of a record';
comment on column pipeline.run_logs.data is 'Figures to it';

create index run_logs_run_idx on pipeline.run_logs (run_id, log_id);
create index run_logs_task_idx on pipeline.run_logs (task_run_id, log_id) where task_run_id is not null;
create index run_logs_at_idx on pipeline.run_logs using brin (at);

create table pipeline.checkpoints (
  checkpoint_id uuid primary key default public.atlas_uuid_v7(),
  kind text not null default 'content',
  pipeline_id uuid,
  source_id uuid,
  checkpoint_key text not null,
  content_sha256 text,
  batch_id uuid,
  position jsonb not null default '{}',
  rows_done bigint not null default 0,
  size_bytes bigint,
  status text not null default 'open',
  fencing_token bigint not null default 0,
  run_id uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  completed_at timestamptz,
  constraint checkpoints_batch_key unique (batch_id),
  constraint checkpoints_content_key unique (source_id, content_sha256),
  constraint checkpoints_pipeline_fkey
    foreign key (pipeline_id) references pipeline.pipelines (pipeline_id) on delete cascade,
  constraint checkpoints_source_fkey foreign key (source_id) references explore.source_systems (source_id),
  constraint checkpoints_run_fkey foreign key (run_id) references pipeline.pipeline_runs (run_id) on delete set null,
  constraint checkpoints_kind_check check (
    (kind = 'content' and num_nulls(source_id, content_sha256, batch_id) = 0 and pipeline_id is null)
    or (kind = 'cursor' and num_nonnulls(content_sha256, batch_id) = 0)
  ),
  constraint checkpoints_digest_check check (content_sha256 ~ '^[0-9a-f]{64}$'),
  constraint checkpoints_rows_check check (rows_done >= 0 and size_bytes >= 0),
  constraint checkpoints_status_check check (status in ('open', 'complete')),
  constraint checkpoints_completed_check check ((status = 'complete') = (completed_at is not null))
);

comment on table pipeline.checkpoints is 'How far reading a source has come. kind content: one piece of content of a source, by its digest, and the batch it became; the same content never becomes a second batch. kind cursor: a position that a task goes on from';
comment on column pipeline.checkpoints.checkpoint_id is 'Key of the checkpoint';
comment on column pipeline.checkpoints.kind is 'content or cursor';
comment on column pipeline.checkpoints.pipeline_id is 'Pipeline the position belongs to; null for content, which every pipeline shares';
comment on column pipeline.checkpoints.source_id is 'Source that is read; null for a cursor without source';
comment on column pipeline.checkpoints.checkpoint_key is 'File, object or stream; for a cursor its name';
comment on column pipeline.checkpoints.content_sha256 is 'SHA-256 of the content; null for a cursor';
comment on column pipeline.checkpoints.batch_id is 'Batch that the content became, a uuid of version 7; null for a cursor';
comment on column pipeline.checkpoints.position is 'Where to go on, for example {"row": 20000, "byte": 1830004}';
comment on column pipeline.checkpoints.rows_done is 'Rows done up to the position';
comment on column pipeline.checkpoints.size_bytes is 'Size of the content; null when unknown';
comment on column pipeline.checkpoints.status is 'open while more is to be done, then complete';
comment on column pipeline.checkpoints.fencing_token is 'Token of the writer; an older one must not move the position';
comment on column pipeline.checkpoints.run_id is 'Run that moved the position last; null when that run was pruned';
comment on column pipeline.checkpoints.created_at is 'When the checkpoint was made';
comment on column pipeline.checkpoints.updated_at is 'When the position moved last';
comment on column pipeline.checkpoints.completed_at is 'When all was done; null while open';

create unique index checkpoints_cursor_key
on pipeline.checkpoints (pipeline_id, source_id, checkpoint_key) nulls not distinct
where kind = 'cursor';
create index checkpoints_pipeline_idx on pipeline.checkpoints (pipeline_id) where pipeline_id is not null;
create index checkpoints_source_idx on pipeline.checkpoints (source_id, updated_at desc);
create index checkpoints_run_idx on pipeline.checkpoints (run_id) where run_id is not null;

create trigger touch_updated_at
before update on pipeline.checkpoints
for each row execute function public.atlas_touch_updated_at();

create table pipeline.parameters (
  parameter_id uuid primary key default public.atlas_uuid_v7(),
  pipeline_id uuid,
  name text not null,
  type text not null default 'string',
  value jsonb,
  is_secret boolean not null default false,
  secret_ref text,
  description text not null default '',
  updated_by text not null default session_user,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint parameters_name_key unique nulls not distinct (pipeline_id, name),
  constraint parameters_pipeline_fkey
    foreign key (pipeline_id) references pipeline.pipelines (pipeline_id) on delete cascade,
  constraint parameters_name_check check (name ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint parameters_type_check check (type in ('string', 'number', 'boolean', 'date', 'timestamp', 'json')),
  constraint parameters_secret_check
    check (is_secret = (secret_ref is not null) and is_secret = (value is null))
);

comment on table pipeline.parameters is 'Parameters of the platform (no pipeline) and of single pipelines, which go before the former';
comment on column pipeline.parameters.parameter_id is 'Key of the parameter';
comment on column pipeline.parameters.pipeline_id is 'Pipeline it belongs to; null for all pipelines';
comment on column pipeline.parameters.name is 'Name that definitions refer to';
comment on column pipeline.parameters.type is 'string, number, boolean, date, timestamp or json';
comment on column pipeline.parameters.value is 'The value; null for a secret';
comment on column pipeline.parameters.is_secret is 'Whether only a reference to the value is kept';
comment on column pipeline.parameters.secret_ref is 'Where the value lies in the secret store; null unless secret';
comment on column pipeline.parameters.description is 'What the parameter does, with its unit';
comment on column pipeline.parameters.updated_by is 'Who set it last';
comment on column pipeline.parameters.created_at is 'When it was made';
comment on column pipeline.parameters.updated_at is 'When it was set last';

create trigger touch_updated_at
before update on pipeline.parameters
for each row execute function public.atlas_touch_updated_at();

create table pipeline.lineage_events (
  event_id bigint generated always as identity primary key,
  run_id uuid,
  task_run_id uuid,
  event_type text not null,
  event_time timestamptz not null default clock_timestamp(),
  lineage_run_id uuid not null,
  job_namespace text not null,
  job_name text not null,
  producer text not null,
  inputs jsonb not null default '[]',
  outputs jsonb not null default '[]',
  event jsonb not null,
  dedupe_key text not null,
  status text not null default 'pending',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default clock_timestamp(),
  lease_owner text,
  lease_expires_at timestamptz,
  delivered_at timestamptz,
  last_error jsonb,
  created_at timestamptz not null default now(),
  constraint lineage_events_dedupe_key unique (dedupe_key),
  constraint lineage_events_run_fkey
    foreign key (run_id) references pipeline.pipeline_runs (run_id) on delete set null,
  constraint lineage_events_task_fkey
    foreign key (task_run_id) references pipeline.task_runs (task_run_id) on delete set null,
  constraint lineage_events_type_check
    check (event_type in ('START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER')),
  constraint lineage_events_arrays_check
    check (jsonb_typeof(inputs) = 'array' and jsonb_typeof(outputs) = 'array'),
  constraint lineage_events_status_check check (status in ('pending', 'sending', 'delivered', 'dead')),
  constraint lineage_events_attempts_check check (attempts >= 0),
  constraint lineage_events_lease_check check (
    (status = 'sending') = (lease_owner is not null)
    and (lease_owner is null) = (lease_expires_at is null)
  ),
  constraint lineage_events_delivered_check check ((status = 'delivered') = (delivered_at is not null))
);

comment on table pipeline.lineage_events is 'Outbox of OpenLineage events: written in the transaction of the work, delivered afterwards, at least once';
comment on column pipeline.lineage_events.event_id is 'Order of delivery';
comment on column pipeline.lineage_events.run_id is 'Run that the event tells of; null for events from outside or when the run was pruned';
comment on column pipeline.lineage_events.task_run_id is 'Task that the event tells of; null for events of a whole run';
comment on column pipeline.lineage_events.event_type is 'START, RUNNING, COMPLETE, ABORT, FAIL or OTHER';
comment on column pipeline.lineage_events.event_time is 'When it happened';
comment on column pipeline.lineage_events.lineage_run_id is 'Run identifier in OpenLineage';
comment on column pipeline.lineage_events.job_namespace is 'Namespace of the job';
comment on column pipeline.lineage_events.job_name is 'Name of the job';
comment on column pipeline.lineage_events.producer is 'URI of the program that made the event';
comment on column pipeline.lineage_events.inputs is 'Datasets read';
comment on column pipeline.lineage_events.outputs is 'Datasets written';
comment on column pipeline.lineage_events.event is 'The whole event as it is sent';
comment on column pipeline.lineage_events.dedupe_key is 'Key by which a repeated event is recognised';
comment on column pipeline.lineage_events.status is 'pending, sending, delivered or dead';
comment on column pipeline.lineage_events.attempts is 'Deliveries tried';
comment on column pipeline.lineage_events.next_attempt_at is 'Not to be sent before';
comment on column pipeline.lineage_events.lease_owner is 'Sender at work on it; null when none is';
comment on column pipeline.lineage_events.lease_expires_at is 'When the sender''s lease ends; null when none is at work';
comment on column pipeline.lineage_events.delivered_at is 'When the receiver accepted it; null before';
comment on column pipeline.lineage_events.last_error is 'Why the last delivery failed; null otherwise';
comment on column pipeline.lineage_events.created_at is 'When the event was written';

create index lineage_events_pending_idx on pipeline.lineage_events (next_attempt_at, event_id)
where status in ('pending', 'sending');
create index lineage_events_run_idx on pipeline.lineage_events (run_id) where run_id is not null;
create index lineage_events_task_idx on pipeline.lineage_events (task_run_id) where task_run_id is not null;
create index lineage_events_job_idx on pipeline.lineage_events (job_namespace, job_name, event_time desc);

create table pipeline.alerts (
  alert_id uuid primary key default public.atlas_uuid_v7(),
  kind text not null,
  severity text not null default 'warning',
  status text not null default 'open',
  title text not null,
  detail text not null default '',
  data jsonb not null default '{}',
  dedupe_key text not null,
  occurrences integer not null default 1,
  pipeline_id uuid,
  run_id uuid,
  task_run_id uuid,
  raised_at timestamptz not null default clock_timestamp(),
  last_seen_at timestamptz not null default clock_timestamp(),
  acknowledged_at timestamptz,
  acknowledged_by text,
  resolved_at timestamptz,
  resolved_by text,
  constraint alerts_pipeline_fkey
    foreign key (pipeline_id) references pipeline.pipelines (pipeline_id) on delete cascade,
  constraint alerts_run_fkey foreign key (run_id) references pipeline.pipeline_runs (run_id) on delete set null,
  constraint alerts_task_fkey foreign key (task_run_id) references pipeline.task_runs (task_run_id) on delete set null,
  constraint alerts_severity_check check (severity in ('info', 'warning', 'error', 'critical')),
  constraint alerts_status_check check (status in ('open', 'acknowledged', 'resolved')),
  constraint alerts_occurrences_check check (occurrences > 0),
  constraint alerts_seen_check check (last_seen_at >= raised_at),
  constraint alerts_acknowledged_check check (
    (acknowledged_at is null) = (acknowledged_by is null)
    and (status <> 'acknowledged' or acknowledged_at is not null)
  ),
  constraint alerts_resolved_check check (
    (status = 'resolved') = (resolved_at is not null)
    and (resolved_at is null) = (resolved_by is null)
  )
);

comment on table pipeline.alerts is 'What somebody should look at. A repeated cause raises the count of its open alert instead of a second alert';
comment on column pipeline.alerts.alert_id is 'Key of the alert';
comment on column pipeline.alerts.kind is 'What happened, for example run_failed, quality_breach or partition_missing';
comment on column pipeline.alerts.severity is 'info, warning, error or critical';
comment on column pipeline.alerts.status is 'open, acknowledged or resolved';
comment on column pipeline.alerts.title is 'One line for people';
comment on column pipeline.alerts.detail is 'What to do about it';
comment on column pipeline.alerts.data is 'Figures and keys to it';
comment on column pipeline.alerts.dedupe_key is 'Names the cause; one alert of a cause is open at a time';
comment on column pipeline.alerts.occurrences is 'How often the cause was seen while the alert was open';
comment on column pipeline.alerts.pipeline_id is 'Pipeline it concerns; null when none';
comment on column pipeline.alerts.run_id is 'Run it concerns; null when none or pruned';
comment on column pipeline.alerts.task_run_id is 'Task it concerns; null when none or pruned';
comment on column pipeline.alerts.raised_at is 'When the cause was seen first';
comment on column pipeline.alerts.last_seen_at is 'When the cause was seen last';
comment on column pipeline.alerts.acknowledged_at is 'When somebody took it; null before';
comment on column pipeline.alerts.acknowledged_by is 'Who took it; null before';
comment on column pipeline.alerts.resolved_at is 'When it was over; null before';
comment on column pipeline.alerts.resolved_by is 'Who or what resolved it; null before';

create unique index alerts_open_key on pipeline.alerts (dedupe_key) where status <> 'resolved';
create index alerts_raised_idx on pipeline.alerts (raised_at desc);
create index alerts_pipeline_idx on pipeline.alerts (pipeline_id) where pipeline_id is not null;
create index alerts_run_idx on pipeline.alerts (run_id) where run_id is not null;
create index alerts_task_idx on pipeline.alerts (task_run_id) where task_run_id is not null;

-- The manifest was made before there were runs. It holds no row: nothing is scanned, nobody waits.
alter table archive.snapshot_manifest
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
add constraint snapshot_run_fkey foreign key (run_id) references pipeline.pipeline_runs (run_id) on delete set null;

-- ---------------------------------------------------------------------------
-- Views
-- ---------------------------------------------------------------------------

create view pipeline.run_summary with (security_invoker = true) as
select
  r.run_id,
  r.run_number,
  r.pipeline_id,
  p.name as pipeline_name,
  r.status,
  r.trigger,
  r.requested_by,
  r.created_at,
  r.started_at,
  r.finished_at,
  (extract(epoch from coalesce(r.finished_at, clock_timestamp()) - r.started_at) * 1000)::bigint as duration_ms,
  r.rows_in,
  r.rows_out,
  r.rows_rejected,
  r.rerun_of,
  r.error,
  t.tasks_total,
  t.tasks_succeeded,
  t.tasks_failed,
  t.tasks_running,
  t.tasks_waiting
from pipeline.pipeline_runs r
join pipeline.pipelines p on p.pipeline_id = r.pipeline_id
left join lateral (
  select
    count(*)::integer as tasks_total,
    (count(*) filter (where status = 'succeeded'))::integer as tasks_succeeded,
    (count(*) filter (where status in ('failed', 'upstream_failed')))::integer as tasks_failed,
    (count(*) filter (where status = 'running'))::integer as tasks_running,
    (count(*) filter (where status in ('queued', 'ready')))::integer as tasks_waiting
  from pipeline.task_runs
  where run_id = r.run_id
) t on true;

comment on view pipeline.run_summary is
  'Runs with the name of the pipeline, duration and counts of tasks. Read it ordered by created_at with a limit';

create view pipeline.failed_tasks with (security_invoker = true) as
select
  t.task_run_id,
  t.run_id,
  r.run_number,
  p.name as pipeline_name,
  t.task_key,
  t.kind,
  t.attempt,
  t.max_attempts,
  t.error ->> 'code' as error_code,
  t.error ->> 'message' as error_message,
  t.started_at,
  t.finished_at
from pipeline.task_runs t
join pipeline.pipeline_runs r on r.run_id = t.run_id
join pipeline.pipelines p on p.pipeline_id = r.pipeline_id
where t.status = 'failed'
  and t.finished_at > now() - interval '7 days';

comment on view pipeline.failed_tasks is 'Tasks that failed in the last seven days with their error';
