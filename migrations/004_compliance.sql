-- Compliance: classification, personal data, the audit log, subject requests, consent, retention,
-- legal holds, the register of processing; then partitions, roles and row-level security of all layers.
--
-- squawk-ignore-file require-lock-timeout, require-statement-timeout
-- The runner sets a lock timeout and can be cancelled; on an empty database nobody is waited for.
-- squawk-ignore-file prefer-robust-stmts
-- Applied once, in one transaction, remembered in the ledger: half a file never stays, so nothing can exist already.
-- squawk-ignore-file require-concurrent-index-creation
-- The tables are made in the same transaction and hold no row; concurrently is refused inside of one.
-- squawk-ignore-file prefer-bigint-over-int
-- Integers here count versions, attempts, seconds and positions; what counts rows, bytes or identities is bigint.

create schema compliance;

comment on schema compliance is 'Governance: classification, personal data, audit, subject requests, retention';

create table compliance.classification_levels (
  code text primary key,
  rank integer not null,
  name text not null,
  description text not null,
  handling text not null,
  is_read_by_default boolean not null,
  constraint classification_levels_rank_key unique (rank),
  constraint classification_levels_code_check
    check (code in ('public', 'internal', 'confidential', 'restricted', 'secret'))
);

comment on table compliance.classification_levels is 'Levels of classification, from what anybody may see to what hardly anybody may';
comment on column compliance.classification_levels.code is 'Short name that rows carry';
comment on column compliance.classification_levels.rank is 'Order: a higher level may be seen by fewer people';
comment on column compliance.classification_levels.name is 'Name for people';
comment on column compliance.classification_levels.description is 'What belongs to the level';
comment on column compliance.classification_levels.handling is 'How such data is to be treated';
comment on column compliance.classification_levels.is_read_by_default is 'Whether atlas_read sees rows of the level';

insert into compliance.classification_levels (code, rank, name, description, handling, is_read_by_default)
values
  ('public', 1, 'Public', 'Meant for everybody', 'No restriction', true),
  ('internal', 2, 'Internal', 'For everybody in the company', 'Not to be given outside', true),
  ('confidential', 3, 'Confidential', 'For those who need it', 'Access by role, exports recorded', false),
  ('restricted', 4, 'Restricted', 'For named people, protected by law or contract', 'Access by request, masked', false),
  ('secret', 5, 'Secret', 'Would do grave harm if known', 'Access for two people together, never exported', false);

create table compliance.retention_policies (
  policy_id uuid primary key default public.atlas_uuid_v7(),
  name text not null,
  schema_name text not null,
  table_name text not null,
  keep interval not null,
  time_column text,
  action text not null default 'detach',
  archive_format text not null default 'jsonl',
  archive_prefix text,
  archive_keep interval,
  basis text not null,
  is_enabled boolean not null default true,
  last_applied_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint retention_policies_name_key unique (name),
  constraint retention_policies_table_key unique (schema_name, table_name),
  constraint retention_policies_keep_check check (keep > interval '0'),
  constraint retention_policies_archive_keep_check check (archive_keep > interval '0'),
  constraint retention_policies_action_check check (action in ('detach', 'archive', 'delete', 'anonymise')),
  constraint retention_policies_format_check check (archive_format in ('parquet', 'csv', 'jsonl'))
);

comment on table compliance.retention_policies is 'Retention: how long rows of a table stay and what happens then';
comment on column compliance.retention_policies.policy_id is 'Key of the policy';
comment on column compliance.retention_policies.name is 'Name for people';
comment on column compliance.retention_policies.schema_name is 'Schema of the table';
comment on column compliance.retention_policies.table_name is 'Table, for a partitioned one its parent';
comment on column compliance.retention_policies.keep is 'How long rows stay, counted from the end of their partition or from their time column';
comment on column compliance.retention_policies.time_column is 'Column that counts the time; null for partitioned tables, whose key counts';
comment on column compliance.retention_policies.action is 'What happens then: detach, archive, delete or anonymise';
comment on column compliance.retention_policies.archive_format is 'Format of the archive: parquet, csv or jsonl';
comment on column compliance.retention_policies.archive_prefix is 'Where archives go; null for the platform''s bucket';
comment on column compliance.retention_policies.archive_keep is 'How long archives stay; null means for ever';
comment on column compliance.retention_policies.basis is 'Law, contract or decision that asks for it';
comment on column compliance.retention_policies.is_enabled is 'Whether it is applied';
comment on column compliance.retention_policies.last_applied_at is 'When it was applied last; null if never';
comment on column compliance.retention_policies.created_at is 'When the policy was made';
comment on column compliance.retention_policies.updated_at is 'When it changed last';

create trigger touch_updated_at
before update on compliance.retention_policies
for each row execute function public.atlas_touch_updated_at();

insert into compliance.retention_policies (name, schema_name, table_name, keep, action, basis)
values
  ('Raw data', 'explore', 'raw_data_template', '5 years', 'archive', 'Reprocessing of source data'),
  ('Facts', 'navigate', 'fact_template', '10 years', 'archive', 'Commercial law: books and records'),
  ('Test results', 'quality', 'test_runs', '3 years', 'detach', 'Proof of data quality'),
  ('Audit log', 'compliance', 'audit_log', '10 years', 'archive', 'Proof of access to personal data');

create table compliance.pii_patterns (
  code text primary key,
  name text not null,
  value_pattern text not null,
  column_pattern text not null,
  validator text not null default 'none',
  mask_kind text not null,
  classification text not null,
  base_confidence numeric(4, 3) not null,
  example text not null,
  is_enabled boolean not null default true,
  constraint pii_patterns_classification_fkey
    foreign key (classification) references compliance.classification_levels (code),
  constraint pii_patterns_code_check check (code ~ '^[a-z_]+$'),
  constraint pii_patterns_value_check check (value_pattern !~ '\\[1-9]|\(\?[=!<]'),
  constraint pii_patterns_example_check check (example ~ value_pattern),
  constraint pii_patterns_validator_check check (validator in ('none', 'luhn', 'iban', 'ip', 'date', 'phone')),
  constraint pii_patterns_mask_check check (
    mask_kind in ('email', 'phone', 'credit_card', 'iban', 'national_id', 'ip_address', 'date', 'address', 'name', 'full')
  ),
  constraint pii_patterns_confidence_check check (base_confidence between 0 and 1)
);

comment on table compliance.pii_patterns is 'Patterns by which personal data is found. Each is a regular expression that PostgreSQL runs in linear time: no back reference, no look-around';
comment on column compliance.pii_patterns.code is 'Short name';
comment on column compliance.pii_patterns.name is 'Name for people';
comment on column compliance.pii_patterns.value_pattern is 'Regular expression that a whole value matches';
comment on column compliance.pii_patterns.column_pattern is 'Regular expression that names of such columns match, in any case';
comment on column compliance.pii_patterns.validator is 'Further check of a match: none, luhn, iban, ip, date or phone';
comment on column compliance.pii_patterns.mask_kind is 'Kind of masking, see compliance.mask';
comment on column compliance.pii_patterns.classification is 'Level that such a column gets at least';
comment on column compliance.pii_patterns.base_confidence is 'Confidence of a match of the value alone, 0 to 1';
comment on column compliance.pii_patterns.example is 'An invented value that matches';
comment on column compliance.pii_patterns.is_enabled is 'Whether scans use it';

create index pii_patterns_classification_idx on compliance.pii_patterns (classification);

insert into compliance.pii_patterns
  (code, name, value_pattern, column_pattern, validator, mask_kind, classification, base_confidence, example)
values
  (
    'email', 'E-mail address',
    '^[A-Za-z0-9._%+''-]{1,64}@[A-Za-z0-9.-]{1,251}\.[A-Za-z]{2,24}$',
    'e_?mail', 'none', 'email', 'confidential', 0.98, 'ada@example.org'
  ),
  (
    'phone', 'Telephone number',
    '^(\+|00)?[0-9][0-9 ()./-]{6,22}[0-9]$',
    'phone|mobile|(^|_)tel|fax', 'phone', 'phone', 'confidential', 0.5, '+49 30 1234567'
  ),
  (
    'credit_card', 'Credit card number',
    '^[3-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,7}$',
    'card|(^|_)pan($|_)', 'luhn', 'credit_card', 'restricted', 0.95, '4111 1111 1111 1111'
  ),
  (
    'iban', 'International bank account number',
    '^[A-Z]{2}[0-9]{2}( ?[A-Z0-9]{4}){2,7}( ?[A-Z0-9]{1,3})?$',
    'iban|bank_account', 'iban', 'iban', 'restricted', 0.98, 'DE89 3704 0044 0532 0130 00'
  ),
  (
    'national_id', 'National identity or social security number',
    '^[0-9]{3}-[0-9]{2}-[0-9]{4}$',
    'ssn|social_security|national_id|tax_id', 'none', 'national_id', 'restricted', 0.9, '078-05-1120'
  ),
  (
    'ip_address', 'IP address',
    '^([0-9]{1,3}\.){3}[0-9]{1,3}$|^([0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}$',
    '(^|_)ip($|_)|ip_addr|client_addr', 'ip', 'ip_address', 'confidential', 0.9, '192.0.2.17'
  ),
  (
    'date_of_birth', 'Date of birth',
    '^(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$',
    'birth|(^|_)dob($|_)', 'date', 'date', 'confidential', 0.1, '1984-05-17'
  ),
  (
    'postal_address', 'Postal address',
    '^[0-9]{1,5}[A-Za-z]? [A-Za-z.'' -]{3,60}$|^[A-Za-z.'' -]{3,60} [0-9]{1,5} ?[A-Za-z]?$',
    'street|address|postal|zip', 'none', 'address', 'confidential', 0.4, '12 Harbour Street'
  ),
  (
    'passport', 'Passport number',
    '^[A-Z]{1,2}[0-9]{6,8}$',
    'passport', 'none', 'full', 'restricted', 0.3, 'C01234567'
  ),
  (
    'person_name', 'Name of a person',
    '^[[:upper:]][[:alpha:]''-]{1,40}( [[:upper:]][[:alpha:].''-]{0,40}){1,3}$',
    'full_name|first_name|last_name|surname|customer_name', 'none', 'name', 'confidential', 0.3, 'Ada Lovelace'
  );

create table compliance.data_assets (
  asset_id uuid primary key default public.atlas_uuid_v7(),
  schema_name text not null,
  table_name text not null,
  column_name text,
  classification text not null,
  is_personal boolean not null default false,
  pattern_code text,
  mask_kind text,
  is_subject_key boolean not null default false,
  is_audited boolean not null default false,
  erasure_action text,
  owner text not null,
  purpose text not null default '',
  legal_basis text,
  description text not null default '',
  reviewed_at timestamptz,
  reviewed_by text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint data_assets_key unique nulls not distinct (schema_name, table_name, column_name),
  constraint data_assets_classification_fkey
    foreign key (classification) references compliance.classification_levels (code),
  constraint data_assets_pattern_fkey foreign key (pattern_code) references compliance.pii_patterns (code),
  constraint data_assets_mask_check check (
    mask_kind in ('email', 'phone', 'credit_card', 'iban', 'national_id', 'ip_address', 'date', 'address', 'name', 'full')
  ),
  constraint data_assets_audited_check check (not is_audited or column_name is null),
  constraint data_assets_erasure_check check (
    erasure_action in ('erase', 'mask', 'keep') and (erasure_action is null or is_personal)
  ),
  constraint data_assets_legal_basis_check check (
    legal_basis in (
      'consent', 'contract', 'legal_obligation', 'vital_interests', 'public_task', 'legitimate_interests'
    )
  ),
  constraint data_assets_reviewed_check check ((reviewed_at is null) = (reviewed_by is null))
);

comment on table compliance.data_assets is 'What is held and how it is to be treated: tables, and columns where they differ. Also the registry of audited tables and of masking';
comment on column compliance.data_assets.asset_id is 'Key of the asset';
comment on column compliance.data_assets.schema_name is 'Schema of the table';
comment on column compliance.data_assets.table_name is 'Table';
comment on column compliance.data_assets.column_name is 'Column; null for the table itself';
comment on column compliance.data_assets.classification is 'Level of the asset';
comment on column compliance.data_assets.is_personal is 'Whether it holds personal data';
comment on column compliance.data_assets.pattern_code is 'Kind of personal data; null unless known';
comment on column compliance.data_assets.mask_kind is 'How a reader sees the column, see compliance.mask; null when as it is';
comment on column compliance.data_assets.is_subject_key is 'Whether a subject request finds a person by this column';
comment on column compliance.data_assets.is_audited is 'Whether changes of the table go to the audit log; set by compliance.enable_audit';
comment on column compliance.data_assets.erasure_action is 'What an erasure does to the column: erase, mask or keep; null when not personal';
comment on column compliance.data_assets.owner is 'Person or team who answers for the asset';
comment on column compliance.data_assets.purpose is 'What it is used for';
comment on column compliance.data_assets.legal_basis is 'Basis in law of processing it; null when not personal';
comment on column compliance.data_assets.description is 'What it holds';
comment on column compliance.data_assets.reviewed_at is 'When somebody looked at the classification last; null if never';
comment on column compliance.data_assets.reviewed_by is 'Who looked; null if nobody';
comment on column compliance.data_assets.created_at is 'When the asset was registered';
comment on column compliance.data_assets.updated_at is 'When the entry changed last';

create index data_assets_classification_idx on compliance.data_assets (classification);
create index data_assets_pattern_idx on compliance.data_assets (pattern_code) where pattern_code is not null;
create index data_assets_personal_idx on compliance.data_assets (schema_name, table_name) where is_personal;
create index data_assets_audited_idx on compliance.data_assets (schema_name, table_name) where is_audited;

create trigger touch_updated_at
before update on compliance.data_assets
for each row execute function public.atlas_touch_updated_at();

create table compliance.pii_detections (
  detection_id uuid primary key default public.atlas_uuid_v7(),
  scan_id uuid not null,
  schema_name text not null,
  table_name text not null,
  column_name text not null,
  pattern_code text not null,
  asset_id uuid,
  rows_sampled bigint not null,
  rows_matched bigint not null,
  match_share numeric(7, 6) generated always as (
    case when rows_sampled = 0 then 0 else round(rows_matched::numeric / rows_sampled, 6) end
  ) stored,
  confidence numeric(4, 3) not null,
  evidence jsonb not null default '{}',
  status text not null default 'new',
  detected_at timestamptz not null default now(),
  reviewed_at timestamptz,
  reviewed_by text,
  run_id uuid,
  constraint pii_detections_key unique (scan_id, schema_name, table_name, column_name, pattern_code),
  constraint pii_detections_pattern_fkey foreign key (pattern_code) references compliance.pii_patterns (code),
  constraint pii_detections_asset_fkey
    foreign key (asset_id) references compliance.data_assets (asset_id) on delete set null,
  constraint pii_detections_run_fkey foreign key (run_id) references pipeline.pipeline_runs (run_id) on delete set null,
  constraint pii_detections_rows_check check (rows_matched between 0 and rows_sampled),
  constraint pii_detections_confidence_check check (confidence between 0 and 1),
  constraint pii_detections_status_check check (status in ('new', 'confirmed', 'dismissed', 'remediated')),
  constraint pii_detections_reviewed_check check (
    (status = 'new') = (reviewed_at is null)
    and (reviewed_at is null) = (reviewed_by is null)
  )
);

comment on table compliance.pii_detections is 'Personal data that scans found, with evidence that shows no value';
comment on column compliance.pii_detections.detection_id is 'Key of the detection';
comment on column compliance.pii_detections.scan_id is 'Scan that found it';
comment on column compliance.pii_detections.schema_name is 'Schema of the table';
comment on column compliance.pii_detections.table_name is 'Table it was found in';
comment on column compliance.pii_detections.column_name is 'Column, or path in a document, it was found in';
comment on column compliance.pii_detections.pattern_code is 'Kind of personal data';
comment on column compliance.pii_detections.asset_id is 'Asset it concerns; null while the column is not registered';
comment on column compliance.pii_detections.rows_sampled is 'Values that were looked at';
comment on column compliance.pii_detections.rows_matched is 'Values that matched and passed the further check';
comment on column compliance.pii_detections.confidence is 'Confidence of the detection, 0 to 1';
comment on column compliance.pii_detections.evidence is 'Masked examples and what spoke for it; never a value in clear';
comment on column compliance.pii_detections.status is 'new, confirmed, dismissed or remediated';
comment on column compliance.pii_detections.detected_at is 'When it was found';
comment on column compliance.pii_detections.reviewed_at is 'When somebody decided; null while new';
comment on column compliance.pii_detections.reviewed_by is 'Who decided; null while new';
comment on column compliance.pii_detections.run_id is 'Pipeline run that scanned; null when by hand or pruned';

comment on column compliance.pii_detections.match_share is 'Share of values that matched';

create index pii_detections_table_idx on compliance.pii_detections (schema_name, table_name, column_name, detected_at desc);
create index pii_detections_new_idx on compliance.pii_detections (detected_at desc) where status = 'new';
create index pii_detections_pattern_idx on compliance.pii_detections (pattern_code);
create index pii_detections_asset_idx on compliance.pii_detections (asset_id) where asset_id is not null;
create index pii_detections_run_idx on compliance.pii_detections (run_id) where run_id is not null;

create table compliance.audit_log (
  sequence bigint not null,
  occurred_at timestamptz not null,
  action text not null,
  schema_name text not null,
  table_name text not null,
  row_key jsonb not null,
  old_values jsonb,
  new_values jsonb,
  db_user text not null,
  db_role text not null,
  actor text,
  application_name text not null,
  client_address inet,
  transaction_id bigint not null,
  prev_hash bytea not null,
  hash bytea not null,
  constraint audit_log_pkey primary key (occurred_at, sequence),
  constraint audit_log_sequence_check check (sequence > 0),
  constraint audit_log_action_check check (action in ('insert', 'update', 'delete', 'truncate', 'event')),
  constraint audit_log_hash_check check (octet_length(prev_hash) = 32 and octet_length(hash) = 32)
) partition by range (occurred_at);

comment on table compliance.audit_log is 'Audit log, partitioned by quarter: who changed what, when, from where. A hash chain: each row carries the hash of the one before. Rows are only ever added, by compliance.audit_trigger and compliance.audit_event';
comment on column compliance.audit_log.sequence is 'Place in the chain, from 1 without gaps';
comment on column compliance.audit_log.occurred_at is 'Partition key: when the entry was made, never earlier than the entry before';
comment on column compliance.audit_log.action is 'insert, update, delete, truncate or event';
comment on column compliance.audit_log.schema_name is 'Schema of the table that changed, or area of the event';
comment on column compliance.audit_log.table_name is 'Table that changed, or name of the event';
comment on column compliance.audit_log.row_key is 'Primary key of the row that changed; empty for truncate and events';
comment on column compliance.audit_log.old_values is 'Before: the changed columns of an update, the whole row of a delete; null otherwise. Personal columns hashed';
comment on column compliance.audit_log.new_values is 'After: the changed columns of an update, the whole row of an insert, data of an event; null otherwise. Personal columns hashed';
comment on column compliance.audit_log.db_user is 'User that logged in to the database';
comment on column compliance.audit_log.db_role is 'Role that was in force, none when not set';
comment on column compliance.audit_log.actor is 'Person on whose behalf, as the application says in atlas.actor; null when it says nothing';
comment on column compliance.audit_log.application_name is 'Name that the client gave itself';
comment on column compliance.audit_log.client_address is 'Address of the client; null for the local socket';
comment on column compliance.audit_log.transaction_id is 'Transaction that made the change';
comment on column compliance.audit_log.prev_hash is 'Hash of the entry before; zeros for the first';
comment on column compliance.audit_log.hash is 'SHA-256 over prev_hash and all other columns, see compliance.audit_link';

-- Every append pays for the indexes while it holds the lock of the chain. The log grows in the order of time, which is
-- the order of the chain: a summary of each megabyte finds a sequence number, and the megabytes that name a table.
create index audit_log_lookup_idx on compliance.audit_log
using brin (sequence, table_name text_bloom_ops) with (autosummarize = on);

create table compliance.audit_log_2025_q1 partition of compliance.audit_log
for values from ('2025-01-01 00:00:00+00') to ('2025-04-01 00:00:00+00');
create table compliance.audit_log_2025_q2 partition of compliance.audit_log
for values from ('2025-04-01 00:00:00+00') to ('2025-07-01 00:00:00+00');
create table compliance.audit_log_2025_q3 partition of compliance.audit_log
for values from ('2025-07-01 00:00:00+00') to ('2025-10-01 00:00:00+00');
create table compliance.audit_log_2025_q4 partition of compliance.audit_log
for values from ('2025-10-01 00:00:00+00') to ('2026-01-01 00:00:00+00');
create table compliance.audit_log_2026_q1 partition of compliance.audit_log
for values from ('2026-01-01 00:00:00+00') to ('2026-04-01 00:00:00+00');
create table compliance.audit_log_2026_q2 partition of compliance.audit_log
for values from ('2026-04-01 00:00:00+00') to ('2026-07-01 00:00:00+00');
create table compliance.audit_log_2026_q3 partition of compliance.audit_log
for values from ('2026-07-01 00:00:00+00') to ('2026-10-01 00:00:00+00');
create table compliance.audit_log_2026_q4 partition of compliance.audit_log
for values from ('2026-10-01 00:00:00+00') to ('2027-01-01 00:00:00+00');
create table compliance.audit_log_default partition of compliance.audit_log default;

create table compliance.data_subject_requests (
  request_id uuid primary key default public.atlas_uuid_v7(),
  request_number bigint generated always as identity,
  kind text not null,
  status text not null default 'received',
  subject_key text not null,
  subject_identifiers jsonb not null default '{}',
  contact text,
  received_at timestamptz not null default now(),
  due_at timestamptz not null default now() + interval '1 month',
  extended_reason text,
  identity_verified_at timestamptz,
  identity_verified_by text,
  requested_by text not null default session_user,
  approved_by text,
  approved_at timestamptz,
  closed_at timestamptz,
  outcome text,
  receipt jsonb,
  receipt_hash text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint data_subject_requests_number_key unique (request_number),
  constraint data_subject_requests_kind_check
    check (kind in ('access', 'erasure', 'rectification', 'portability', 'restriction', 'objection')),
  constraint data_subject_requests_status_check check (
    status in (
      'received', 'verified', 'planned', 'approved', 'running', 'completed', 'rejected', 'failed', 'cancelled'
    )
  ),
  constraint data_subject_requests_subject_check check (btrim(subject_key) <> '' and subject_key !~ '[%*]'),
  constraint data_subject_requests_due_check check (due_at > received_at),
  constraint data_subject_requests_verified_check
    check ((identity_verified_at is null) = (identity_verified_by is null)),
  constraint data_subject_requests_approved_check check (
    (approved_at is null) = (approved_by is null)
    and (approved_by <> requested_by or kind <> 'erasure')
  ),
  constraint data_subject_requests_erasure_check check (
    kind <> 'erasure'
    or status not in ('approved', 'running', 'completed')
    or num_nulls(approved_by, identity_verified_by) = 0
  ),
  constraint data_subject_requests_closed_check check (
    (status in ('completed', 'rejected', 'cancelled')) = (closed_at is not null)
    and (closed_at is null or outcome is not null)
  ),
  constraint data_subject_requests_receipt_check check (
    (receipt is null) = (receipt_hash is null)
    and octet_length(receipt_hash) = 64
  )
);

comment on table compliance.data_subject_requests is 'Requests of people about their data';
comment on column compliance.data_subject_requests.request_id is 'Key of the request';
comment on column compliance.data_subject_requests.request_number is 'Number for people; ascending with gaps';
comment on column compliance.data_subject_requests.kind is 'access, erasure, rectification, portability, restriction or objection';
comment on column compliance.data_subject_requests.status is 'received, verified, planned, approved, running, completed, rejected, failed or cancelled';
comment on column compliance.data_subject_requests.subject_key is 'Key by which the person is found, compared exactly, never as a pattern';
comment on column compliance.data_subject_requests.subject_identifiers is 'Further identifiers that the person gave, by kind';
comment on column compliance.data_subject_requests.contact is 'Where the answer goes; null when the person gave none';
comment on column compliance.data_subject_requests.received_at is 'When the request arrived';
comment on column compliance.data_subject_requests.due_at is 'When it must be answered by law';
comment on column compliance.data_subject_requests.extended_reason is 'Why the time was extended; null when it was not';
comment on column compliance.data_subject_requests.identity_verified_at is 'When the person''s identity was established; null before';
comment on column compliance.data_subject_requests.identity_verified_by is 'Who established it; null before';
comment on column compliance.data_subject_requests.requested_by is 'Who entered the request';
comment on column compliance.data_subject_requests.approved_by is 'Second person who approved the plan; null before';
comment on column compliance.data_subject_requests.approved_at is 'When the plan was approved; null before';
comment on column compliance.data_subject_requests.closed_at is 'When the request ended; null while open';
comment on column compliance.data_subject_requests.outcome is 'What was decided and why; null while open';
comment on column compliance.data_subject_requests.receipt is 'Signed receipt: actions, counts, hash; null until completed';
comment on column compliance.data_subject_requests.receipt_hash is 'SHA-256 of the receipt; null until completed';
comment on column compliance.data_subject_requests.created_at is 'When the entry was made';
comment on column compliance.data_subject_requests.updated_at is 'When it changed last';

create index data_subject_requests_open_idx on compliance.data_subject_requests (due_at)
where status not in ('completed', 'rejected', 'cancelled');
create index data_subject_requests_subject_idx on compliance.data_subject_requests (subject_key);

create trigger touch_updated_at
before update on compliance.data_subject_requests
for each row execute function public.atlas_touch_updated_at();

create table compliance.legal_holds (
  hold_id uuid primary key default public.atlas_uuid_v7(),
  name text not null,
  reason text not null,
  schema_name text,
  table_name text,
  subject_key text,
  range_from timestamptz,
  range_to timestamptz,
  placed_by text not null default session_user,
  placed_at timestamptz not null default now(),
  released_at timestamptz,
  released_by text,
  constraint legal_holds_name_key unique (name),
  constraint legal_holds_table_check check (table_name is null or schema_name is not null),
  constraint legal_holds_range_check check (range_from < range_to),
  constraint legal_holds_released_check check (
    (released_at is null) = (released_by is null)
    and (released_at is null or released_at >= placed_at)
  )
);

comment on table compliance.legal_holds is 'Legal holds: what must not be deleted, detached or erased while a hold is in force';
comment on column compliance.legal_holds.hold_id is 'Key of the hold';
comment on column compliance.legal_holds.name is 'Name of the matter';
comment on column compliance.legal_holds.reason is 'Why the data must stay';
comment on column compliance.legal_holds.schema_name is 'Schema that is held; null for all';
comment on column compliance.legal_holds.table_name is 'Table that is held; null for all of the schema';
comment on column compliance.legal_holds.subject_key is 'Person whose data is held; null for the data of everybody';
comment on column compliance.legal_holds.range_from is 'First instant of the rows held; null for no lower end';
comment on column compliance.legal_holds.range_to is 'First instant after the rows held; null for no upper end';
comment on column compliance.legal_holds.placed_by is 'Who placed the hold';
comment on column compliance.legal_holds.placed_at is 'Since when it is in force';
comment on column compliance.legal_holds.released_at is 'When it was lifted; null while in force';
comment on column compliance.legal_holds.released_by is 'Who lifted it; null while in force';

create index legal_holds_active_idx on compliance.legal_holds (schema_name, table_name) where released_at is null;
create index legal_holds_subject_idx on compliance.legal_holds (subject_key)
where released_at is null and subject_key is not null;

create table compliance.request_actions (
  action_id uuid primary key default public.atlas_uuid_v7(),
  request_id uuid not null,
  sequence integer not null,
  kind text not null,
  status text not null default 'planned',
  schema_name text,
  table_name text,
  key_column text,
  columns text[] not null default '{}',
  rows_planned bigint,
  rows_affected bigint,
  hold_id uuid,
  evidence jsonb not null default '{}',
  error jsonb,
  executed_by text,
  started_at timestamptz,
  finished_at timestamptz,
  replayed_at timestamptz,
  constraint request_actions_sequence_key unique (request_id, sequence),
  constraint request_actions_request_fkey
    foreign key (request_id) references compliance.data_subject_requests (request_id),
  constraint request_actions_hold_fkey foreign key (hold_id) references compliance.legal_holds (hold_id),
  constraint request_actions_sequence_check check (sequence > 0),
  constraint request_actions_kind_check
    check (kind in ('locate', 'export', 'erase', 'mask', 'rectify', 'restrict', 'notify', 'verify')),
  constraint request_actions_status_check
    check (status in ('planned', 'running', 'done', 'failed', 'skipped', 'held')),
  constraint request_actions_table_check check ((schema_name is null) = (table_name is null)),
  constraint request_actions_rows_check check (rows_planned >= 0 and rows_affected >= 0),
  constraint request_actions_held_check check ((status = 'held') = (hold_id is not null)),
  constraint request_actions_done_check
    check (status <> 'done' or num_nulls(executed_by, started_at, finished_at) = 0),
  constraint request_actions_failed_check check (status <> 'failed' or error is not null)
);

comment on table compliance.request_actions is 'What was done for a subject request, step by step. After a restore the completed erasures are done again from here';
comment on column compliance.request_actions.action_id is 'Key of the action';
comment on column compliance.request_actions.request_id is 'Request it belongs to';
comment on column compliance.request_actions.sequence is 'Order within the request, from 1';
comment on column compliance.request_actions.kind is 'locate, export, erase, mask, rectify, restrict, notify or verify';
comment on column compliance.request_actions.status is 'planned, running, done, failed, skipped or held';
comment on column compliance.request_actions.schema_name is 'Schema it works on; null for notifications';
comment on column compliance.request_actions.table_name is 'Table it works on; null for notifications';
comment on column compliance.request_actions.key_column is 'Column by which rows are found, compared exactly; null for notifications';
comment on column compliance.request_actions.columns is 'Columns it works on';
comment on column compliance.request_actions.rows_planned is 'Rows that the preview counted; null before';
comment on column compliance.request_actions.rows_affected is 'Rows that were changed or exported; null before';
comment on column compliance.request_actions.hold_id is 'Hold that keeps it from being done; null when none does';
comment on column compliance.request_actions.evidence is 'Proof without values: keys hashed, address of an export';
comment on column compliance.request_actions.error is 'Why it failed; null unless failed';
comment on column compliance.request_actions.executed_by is 'Who did it; null before';
comment on column compliance.request_actions.started_at is 'When it began; null before';
comment on column compliance.request_actions.finished_at is 'When it ended; null before';
comment on column compliance.request_actions.replayed_at is 'When it was done again after a restore; null if never';

create index request_actions_open_idx on compliance.request_actions (request_id) where status in ('planned', 'running');
create index request_actions_hold_idx on compliance.request_actions (hold_id) where hold_id is not null;

create table compliance.consent_records (
  consent_id uuid primary key default public.atlas_uuid_v7(),
  subject_key text not null,
  purpose text not null,
  policy_version text not null,
  channel text not null,
  granted_at timestamptz not null default now(),
  expires_at timestamptz,
  withdrawn_at timestamptz,
  evidence jsonb not null default '{}',
  recorded_by text not null default session_user,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint consent_records_subject_check check (btrim(subject_key) <> ''),
  constraint consent_records_purpose_check check (purpose ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint consent_records_expiry_check check (expires_at > granted_at),
  constraint consent_records_withdrawn_check check (withdrawn_at >= granted_at)
);

comment on table compliance.consent_records is 'Consent that people gave, by purpose. A withdrawal closes the row; consent given again is a new one';
comment on column compliance.consent_records.consent_id is 'Key of the consent';
comment on column compliance.consent_records.subject_key is 'Person who consented';
comment on column compliance.consent_records.purpose is 'What the person consented to';
comment on column compliance.consent_records.policy_version is 'Version of the text that the person saw';
comment on column compliance.consent_records.channel is 'Where the person consented, for example web or paper';
comment on column compliance.consent_records.granted_at is 'When the person consented';
comment on column compliance.consent_records.expires_at is 'When the consent ends by itself; null when it does not';
comment on column compliance.consent_records.withdrawn_at is 'When the person withdrew it; null while it holds';
comment on column compliance.consent_records.evidence is 'Proof: form, hash of the text, reference';
comment on column compliance.consent_records.recorded_by is 'Who entered it';
comment on column compliance.consent_records.created_at is 'When it was entered';
comment on column compliance.consent_records.updated_at is 'When it changed last';

create unique index consent_records_active_key on compliance.consent_records (subject_key, purpose)
where withdrawn_at is null;
create index consent_records_expiry_idx on compliance.consent_records (expires_at)
where withdrawn_at is null and expires_at is not null;

create trigger touch_updated_at
before update on compliance.consent_records
for each row execute function public.atlas_touch_updated_at();

create table compliance.processing_activities (
  activity_id uuid primary key default public.atlas_uuid_v7(),
  name text not null,
  controller text not null,
  representative text,
  protection_officer text,
  purposes text[] not null,
  legal_basis text not null,
  subject_categories text[] not null,
  data_categories text[] not null,
  recipients text[] not null default '{}',
  third_countries text[] not null default '{}',
  safeguards text,
  retention_policy_id uuid,
  retention_summary text not null,
  security_measures text not null,
  pipeline_id uuid,
  is_active boolean not null default true,
  reviewed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint processing_activities_name_key unique (name),
  constraint processing_activities_policy_fkey
    foreign key (retention_policy_id) references compliance.retention_policies (policy_id),
  constraint processing_activities_pipeline_fkey
    foreign key (pipeline_id) references pipeline.pipelines (pipeline_id) on delete set null,
  constraint processing_activities_purposes_check check (
    cardinality(purposes) > 0 and cardinality(subject_categories) > 0 and cardinality(data_categories) > 0
  ),
  constraint processing_activities_basis_check check (
    legal_basis in (
      'consent', 'contract', 'legal_obligation', 'vital_interests', 'public_task', 'legitimate_interests'
    )
  ),
  constraint processing_activities_transfer_check check (cardinality(third_countries) = 0 or safeguards is not null)
);

comment on table compliance.processing_activities is 'Register of processing activities, GDPR Article 30';
comment on column compliance.processing_activities.activity_id is 'Key of the activity';
comment on column compliance.processing_activities.name is 'Name of the activity';
comment on column compliance.processing_activities.controller is 'Who decides on the processing, with contact';
comment on column compliance.processing_activities.representative is 'Representative in the Union; null when none is needed';
comment on column compliance.processing_activities.protection_officer is 'Data protection officer with contact; null when none is needed';
comment on column compliance.processing_activities.purposes is 'What the data is processed for';
comment on column compliance.processing_activities.legal_basis is 'Basis in law: consent, contract, legal_obligation, vital_interests, public_task or legitimate_interests';
comment on column compliance.processing_activities.subject_categories is 'Kinds of people concerned';
comment on column compliance.processing_activities.data_categories is 'Kinds of personal data';
comment on column compliance.processing_activities.recipients is 'Who receives the data';
comment on column compliance.processing_activities.third_countries is 'Countries outside the Union it goes to, ISO 3166-1 alpha-2';
comment on column compliance.processing_activities.safeguards is 'Safeguards of such transfers; null when there are none';
comment on column compliance.processing_activities.retention_policy_id is 'Policy that says how long the data stays; null when several do';
comment on column compliance.processing_activities.retention_summary is 'How long the data stays, in words';
comment on column compliance.processing_activities.security_measures is 'Technical and organisational measures';
comment on column compliance.processing_activities.pipeline_id is 'Pipeline that does the processing; null when none or several';
comment on column compliance.processing_activities.is_active is 'Whether the processing goes on';
comment on column compliance.processing_activities.reviewed_at is 'When the entry was reviewed last; null if never';
comment on column compliance.processing_activities.created_at is 'When the entry was made';
comment on column compliance.processing_activities.updated_at is 'When it changed last';

create index processing_activities_policy_idx on compliance.processing_activities (retention_policy_id);
create index processing_activities_pipeline_idx on compliance.processing_activities (pipeline_id);

create trigger touch_updated_at
before update on compliance.processing_activities
for each row execute function public.atlas_touch_updated_at();

-- Small tables get the foreign key that had no table to refer to when they were made. Tables that take
-- rows by the hundred thousand keep their check: the levels are fixed, a look-up a row is not free. In a first
-- deployment these hold no row: nothing is scanned, nobody waits.
alter table explore.source_systems
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
add constraint source_systems_classification_fkey
foreign key (classification) references compliance.classification_levels (code);

alter table navigate.dim_customer
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
add constraint dim_customer_classification_fkey
foreign key (classification) references compliance.classification_levels (code);

alter table archive.snapshot_manifest
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
add constraint snapshot_classification_fkey
foreign key (classification) references compliance.classification_levels (code);

create index dim_customer_classification_idx on navigate.dim_customer (classification);
create index snapshot_classification_idx on archive.snapshot_manifest (classification);

-- ---------------------------------------------------------------------------
-- Masking
-- ---------------------------------------------------------------------------

-- What is too short to be masked in part, or of unknown kind, is hidden altogether.
create function compliance.mask(value text, kind text)
returns text
language sql
immutable
parallel safe
as $$
  select case
    when value is null then null
    when value = '' then ''
    when kind = 'email' and value ~ '^[^@]+@[^@]+\.[^@.]+$' then
      left(value, 1) || '***@' || left(split_part(value, '@', 2), 1) || '***.' || substring(value from '[^.]+$')
    when kind = 'phone' and length(regexp_replace(value, '[^0-9]', '', 'g')) >= 6 then
      regexp_replace(left(value, -2), '[0-9]', '*', 'g') || right(value, 2)
    when kind = 'credit_card' and length(regexp_replace(value, '[^0-9]', '', 'g')) >= 12 then
      '**** **** **** ' || right(regexp_replace(value, '[^0-9]', '', 'g'), 4)
    when kind = 'iban' and length(value) >= 15 then left(value, 2) || '** **** **** ' || right(value, 2)
    when kind = 'ip_address' and value ~ '^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$' then
      split_part(value, '.', 1) || '.' || split_part(value, '.', 2) || '.*.*'
    when kind = 'ip_address' and value ~ '^[0-9A-Fa-f]{1,4}:' then split_part(value, ':', 1) || ':***'
    when kind in ('date', 'date_of_birth') and value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' then left(value, 4) || '-**-**'
    when kind in ('name', 'person_name') then regexp_replace(value, '([^[:space:]])[^[:space:]]*', '\1***', 'g')
    else '***'
  end
$$;

comment on function compliance.mask(text, text) is
  'A value as a reader without clearance sees it. Kinds: email, phone, credit_card, iban, national_id, ip_address, date, '
  'address, name, full and the codes of compliance.pii_patterns; an unknown kind hides everything, null stays null';

create function compliance.mask_record(record jsonb, of_schema text, of_table text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select case
    when jsonb_typeof(record) <> 'object' then to_jsonb('***'::text)
    else coalesce(
      (
        select jsonb_object_agg(
          e.key,
          case
            when e.value = 'null' then e.value
            when m.mask_kind is not null then to_jsonb(compliance.mask(e.value #>> '{}', m.mask_kind))
            when jsonb_typeof(e.value) = 'object' then compliance.mask_record(e.value, of_schema, of_table)
            else e.value
          end
        )
        from jsonb_each(record) e
        left join lateral (
          select k.mask_kind
          from (
            select coalesce(a.mask_kind, 'full') as mask_kind, 1 as preference
            from compliance.data_assets a
            where a.schema_name = of_schema
              and a.table_name = of_table
              and a.column_name = e.key
              and a.is_personal
            union all
            select p.mask_kind, 2
            from compliance.pii_patterns p
            where p.is_enabled
              and e.key ~* p.column_pattern
          ) k
          order by k.preference
          limit 1
        ) m on true
      ),
      '{}'
    )
  end
$$;

comment on function compliance.mask_record(jsonb, text, text) is
  'A record with the values of personal keys masked: keys registered in compliance.data_assets for the table, and keys '
  'named like a pattern of compliance.pii_patterns, at any depth of objects';

-- ---------------------------------------------------------------------------
-- Audit
-- ---------------------------------------------------------------------------

-- The binary form of fields: their number, then for each its type, its length in four bytes (-1 for null) and its
-- bytes, as record_send writes them. Texts go in as bytes of UTF-8, so that the encoding of the client does not
-- matter; times as microseconds, so that no time zone does.
create function compliance.audit_origin(
  action text, schema_name text, table_name text, db_user text, db_role text, actor text, application_name text,
  client_address inet, transaction_id bigint
)
returns bytea
language sql
stable
parallel safe
as $$
  select record_send(
    row(
      convert_to(action, 'UTF8'),
      convert_to(schema_name, 'UTF8'),
      convert_to(table_name, 'UTF8'),
      convert_to(db_user, 'UTF8'),
      convert_to(db_role, 'UTF8'),
      convert_to(actor, 'UTF8'),
      convert_to(application_name, 'UTF8'),
      convert_to(client_address::text, 'UTF8'),
      transaction_id
    )
  )
$$;

comment on function compliance.audit_origin(text, text, text, text, text, text, text, inet, bigint) is
  'What was done to which table, by whom, from where, as bytes: the part of an audit row that all rows of a statement share';

create function compliance.audit_digest(origin bytea, row_key jsonb, old_values jsonb, new_values jsonb)
returns bytea
language sql
stable
parallel safe
as $$
  select sha256(
    record_send(
      row(
        origin,
        convert_to(row_key::text, 'UTF8'),
        convert_to(old_values::text, 'UTF8'),
        convert_to(new_values::text, 'UTF8')
      )
    )
  )
$$;

comment on function compliance.audit_digest(bytea, jsonb, jsonb, jsonb) is
  'SHA-256 of what an audit row tells: compliance.audit_origin and the values, fields with their length in front. Its place in '
  'the chain is added by compliance.audit_link, so that all but the link can be worked out before the lock of the chain is taken';

create function compliance.audit_link(prev_hash bytea, sequence bigint, occurred_at timestamptz, digest bytea)
returns bytea
language sql
immutable
parallel safe
as $$
  select sha256(prev_hash || int8send(sequence) || timestamptz_send(occurred_at) || digest)
$$;

comment on function compliance.audit_link(bytea, bigint, timestamptz, bytea) is
  'Hash of an audit row: SHA-256 over the hash of the row before (32 bytes), the sequence number and the time in '
  'microseconds (8 bytes each) and compliance.audit_digest (32 bytes)';

create function compliance.audit_head()
returns table (sequence bigint, occurred_at timestamptz, hash bytea)
language sql
as $$
  select h.sequence, h.occurred_at, h.hash
  from (
    (
      select 1 as preference, l.sequence, l.occurred_at, l.hash
      from compliance.audit_log l
      order by l.occurred_at desc, l.sequence desc
      limit 1
    )
    union all
    -- All partitions may have gone to the archive.
    (
      select 2, (m.details ->> 'last_sequence')::bigint, m.range_to, decode(m.details ->> 'last_hash', 'hex')
      from archive.snapshot_manifest m
      where m.schema_name = 'compliance'
        and m.table_name = 'audit_log'
        and m.details ? 'last_sequence'
      order by 2 desc
      limit 1
    )
    union all
    select 3, 0, '-infinity', decode(repeat('00', 32), 'hex')
  ) h
  order by h.preference
  limit 1
$$;

comment on function compliance.audit_head() is
  'The last link of the audit chain, which the next one goes on from; before the first entry sequence 0 and zeros';

-- One lock for all appends: from reading the head until commit nobody else may append, else the chain forks.
-- The time is taken under the lock, so that order of time and order of the chain are one. What does not depend
-- on the head is worked out before.
create function compliance.append_audit(
  action text, schema_name text, table_name text, row_keys jsonb[], old_values jsonb[], new_values jsonb[]
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  source record;
  digests bytea[];
  head record;
  entered_at timestamptz;
  -- From 0, which is the head.
  hashes bytea[];
begin
  if coalesce(cardinality(row_keys), 0) = 0 then
    return;
  end if;
  if current_setting('transaction_isolation') <> 'read committed' then
    -- An older snapshot does not see the head that others wrote meanwhile.
    raise exception 'audited tables are changed in transactions of isolation level read committed'
      using errcode = 'feature_not_supported';
  end if;
  select
    session_user::text as db_user,
    current_setting('role') as db_role,
    nullif(current_setting('atlas.actor', true), '') as actor,
    current_setting('application_name') as application_name,
    inet_client_addr() as client_address,
    pg_current_xact_id()::text::bigint as transaction_id
  into source;
  select array_agg(compliance.audit_digest(o.origin, c.row_key, c.old_value, c.new_value) order by c.position)
  into digests
  from unnest(row_keys, old_values, new_values) with ordinality c (row_key, old_value, new_value, position)
  cross join compliance.audit_origin(
    action, schema_name, table_name, source.db_user, source.db_role, source.actor, source.application_name,
    source.client_address, source.transaction_id
  ) o (origin);

  perform pg_advisory_xact_lock(4706018326871409665);
  -- Nearly always the last entry is a recent one: then the older partitions are not looked at.
  select l.sequence, l.occurred_at, l.hash
  into head
  from compliance.audit_log l
  where l.occurred_at > now() - interval '1 day'
  order by l.occurred_at desc, l.sequence desc
  limit 1;
  if not found then
    select h.sequence, h.occurred_at, h.hash into head from compliance.audit_head() h;
  end if;
  entered_at := greatest(clock_timestamp(), head.occurred_at);
  hashes[0] := head.hash;
  for position in 1..cardinality(digests) loop
    hashes[position] := compliance.audit_link(
      hashes[position - 1], head.sequence + position, entered_at, digests[position]
    );
  end loop;
  insert into compliance.audit_log (
    sequence, occurred_at, action, schema_name, table_name, row_key, old_values, new_values, db_user, db_role, actor,
    application_name, client_address, transaction_id, prev_hash, hash
  )
  select
    head.sequence + c.position, entered_at, action, schema_name, table_name, c.row_key, c.old_value, c.new_value,
    source.db_user, source.db_role, source.actor, source.application_name, source.client_address, source.transaction_id,
    hashes[c.position - 1], hashes[c.position]
  from unnest(row_keys, old_values, new_values) with ordinality c (row_key, old_value, new_value, position);
end
$$;

comment on function compliance.append_audit(text, text, text, jsonb[], jsonb[], jsonb[]) is
  'Appends changes of a table to the audit log in their order, in one statement: keys, and values before and after (null: none '
  'of them has any). Not for users: called by compliance.audit_trigger and compliance.audit_event, which run as owner';

create function compliance.audit_trigger()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  keys constant text[] := string_to_array(tg_argv[0], ',');
  personal constant text[] := string_to_array(tg_argv[1], ',');
  -- Bookkeeping of the platform itself; a change of nothing else is not recorded.
  bookkeeping constant text[] := '{updated_at,last_landed_at,next_run_at,last_run_at,last_applied_at}';
  others text[];
  row_keys jsonb[];
  old_values jsonb[];
  new_values jsonb[];
begin
  -- A row without its other columns is its key; taking columns away is the cheapest way to make it.
  select coalesce(array_agg(a.attname::text), '{}')
  into others
  from pg_attribute a
  where a.attrelid = tg_relid
    and a.attnum > 0
    and not a.attisdropped
    and a.attname <> all (keys);
  if tg_op = 'INSERT' then
    select array_agg(r.doc - others), array_agg(compliance.hide_personal(r.doc, personal))
    into row_keys, new_values
    from (select to_jsonb(n) as doc from new_rows n offset 0) r;
  elsif tg_op = 'DELETE' then
    select array_agg(r.doc - others), array_agg(compliance.hide_personal(r.doc, personal))
    into row_keys, old_values
    from (select to_jsonb(o) as doc from old_rows o offset 0) r;
  elsif tg_op = 'UPDATE' then
    -- A changed key finds no partner: then the row before and the row after are entries of their own.
    select
      array_agg(d.key),
      array_agg(compliance.hide_personal(d.old_values, personal)),
      array_agg(compliance.hide_personal(d.new_values, personal))
    into row_keys, old_values, new_values
    from (
      select
        coalesce(o.key, n.key) as key,
        case
          when o.key is null or n.key is null then o.doc
          else (select jsonb_object_agg(v.key, v.value) from jsonb_each(o.doc) v where v.value is distinct from n.doc -> v.key)
        end as old_values,
        case
          when o.key is null or n.key is null then n.doc
          else (select jsonb_object_agg(v.key, v.value) from jsonb_each(n.doc) v where v.value is distinct from o.doc -> v.key)
        end as new_values
      from (select r.doc, r.doc - others as key from (select to_jsonb(t) as doc from old_rows t offset 0) r offset 0) o
      full join (select r.doc, r.doc - others as key from (select to_jsonb(t) as doc from new_rows t offset 0) r offset 0) n
        on n.key = o.key
      where o.doc - bookkeeping is distinct from n.doc - bookkeeping
      offset 0
    ) d;
  else
    row_keys := array['{}'::jsonb];
  end if;
  perform compliance.append_audit(lower(tg_op), tg_table_schema, tg_table_name, row_keys, old_values, new_values);
  return null;
end
$$;

comment on function compliance.audit_trigger() is
  'Trigger, once a statement: writes every changed row to the audit log, before and after. Arguments: columns of the primary '
  'key, columns with personal data, both separated by commas. Made by compliance.enable_audit';

-- The log can never be erased, so that personal values must not enter it: their hash tells that they changed.
create function compliance.hide_personal(doc jsonb, personal text[])
returns jsonb
language sql
immutable
parallel safe
as $$
  select case
    when doc is null or not doc ?| personal then doc
    else doc || (
      select jsonb_object_agg(
        k,
        case
          when doc -> k = 'null' then 'null'::jsonb
          else to_jsonb('sha256:' || left(encode(sha256(convert_to(doc ->> k, 'UTF8')), 'hex'), 16))
        end
      )
      from unnest(personal) k
      where doc ? k
    )
  end
$$;

comment on function compliance.hide_personal(jsonb, text[]) is 'The values of a row for the audit log, personal columns hashed';

create function compliance.refuse_audit_change()
returns trigger
language plpgsql
as $$
begin
  raise exception 'the audit log only grows: % is refused', lower(tg_op) using errcode = 'insufficient_privilege';
end
$$;

comment on function compliance.refuse_audit_change() is 'Trigger: refuses every update, delete and truncate of the audit log';

create trigger refuse_change
before update or delete on compliance.audit_log
for each row execute function compliance.refuse_audit_change();

create trigger refuse_truncate
before truncate on compliance.audit_log
for each statement execute function compliance.refuse_audit_change();

alter table compliance.audit_log enable always trigger refuse_change;
alter table compliance.audit_log enable always trigger refuse_truncate;

create function compliance.enable_audit(target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  of_schema text;
  of_table text;
  keys text;
  personal text;
  call text;
begin
  select n.nspname, c.relname
  into of_schema, of_table
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.oid = target
    and c.relkind = 'r'
    and not c.relispartition
    and n.nspname in ('explore', 'chart', 'navigate', 'pipeline', 'quality', 'compliance', 'archive');
  if not found then
    raise exception '% is not a plain table of the platform', target using errcode = 'wrong_object_type';
  end if;
  select string_agg(a.attname, ',' order by array_position(i.indkey::int2[], a.attnum))
  into keys
  from pg_index i
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
  where i.indrelid = target
    and i.indisprimary;
  if keys is null then
    raise exception '% has no primary key', target using errcode = 'wrong_object_type';
  end if;

  insert into compliance.data_assets (schema_name, table_name, classification, owner, is_audited)
  values (of_schema, of_table, 'internal', session_user, true)
  on conflict on constraint data_assets_key do update set is_audited = true;
  select coalesce(string_agg(d.column_name, ',' order by d.column_name), '')
  into personal
  from compliance.data_assets d
  where d.schema_name = of_schema
    and d.table_name = of_table
    and d.column_name is not null
    and d.is_personal;

  call := format('for each statement execute function compliance.audit_trigger(%L, %L)', keys, personal);
  execute format('create or replace trigger audit_insert after insert on %s referencing new table as new_rows %s', target, call);
  execute format(
    'create or replace trigger audit_update after update on %s '
    'referencing old table as old_rows new table as new_rows %s',
    target,
    call
  );
  execute format('create or replace trigger audit_delete after delete on %s referencing old table as old_rows %s', target, call);
  execute format('create or replace trigger audit_truncate after truncate on %s %s', target, call);
end
$$;

comment on function compliance.enable_audit(regclass) is
  'Has every change of a table recorded in the audit log from now on, and marks it in compliance.data_assets. Again after '
  'columns were marked as personal: the values of those are recorded as hashes only';

create function compliance.disable_audit(target regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  name text;
begin
  if target = 'compliance.data_assets'::regclass then
    raise exception 'the register of audited tables is always audited' using errcode = 'object_not_in_prerequisite_state';
  end if;
  update compliance.data_assets d
  set is_audited = false
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.oid = target
    and d.schema_name = n.nspname
    and d.table_name = c.relname
    and d.column_name is null;
  foreach name in array array['audit_insert', 'audit_update', 'audit_delete', 'audit_truncate'] loop
    execute format('drop trigger if exists %I on %s', name, target);
  end loop;
end
$$;

comment on function compliance.disable_audit(regclass) is
  'Ends the recording of a table. The end itself is recorded, because compliance.data_assets is audited';

create function compliance.audit_event(area text, event text, data jsonb default '{}')
returns void
language sql
security definer
set search_path = pg_catalog, pg_temp
as $$
  select compliance.append_audit('event', area, event, array['{}'::jsonb], null, array[data])
$$;

comment on function compliance.audit_event(text, text, jsonb) is
  'Records what is no change of a row, for example an export or a release of masked values. Without personal values';

create function compliance.audit_checkpoint()
returns jsonb
language sql
stable
as $$
  select jsonb_build_object(
    'sequence', l.sequence,
    'hash', encode(l.hash, 'hex'),
    'occurred_at', l.occurred_at,
    'taken_at', clock_timestamp()
  )
  from compliance.audit_log l
  order by l.occurred_at desc, l.sequence desc
  limit 1
$$;

comment on function compliance.audit_checkpoint() is
  'The head of the audit chain: {sequence, hash, occurred_at, taken_at}, null while the log is empty. Kept outside the '
  'database, it shows a tail that was cut off and a chain that was written anew';

create function compliance.audit_gaps()
returns table (relation text, detail text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
  select w.relation::text, format('trigger %s is %s', w.trigger_name, case when t.oid is null then 'missing' else 'disabled' end)
  from (
    select c.oid::regclass as relation, r.trigger_name, array['O', 'A'] as in_force
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    cross join unnest(array['audit_insert', 'audit_update', 'audit_delete', 'audit_truncate']) r (trigger_name)
    where exists (
      select
      from compliance.data_assets d
      where d.schema_name = n.nspname
        and d.table_name = c.relname
        and d.is_audited
    )
    -- Whoever ends the recording of a table writes here.
    or c.oid = 'compliance.data_assets'::regclass
    union all
    select p.relid, r.trigger_name, array['A']
    from pg_partition_tree('compliance.audit_log') p
    cross join unnest(array['refuse_change', 'refuse_truncate']) r (trigger_name)
  ) w
  left join pg_trigger t on t.tgrelid = w.relation and t.tgname = w.trigger_name and not t.tgisinternal
  where t.oid is null
    or t.tgenabled <> all (w.in_force)
  order by 1, 2
$$;

comment on function compliance.audit_gaps() is
  'What keeps the audit log from being complete: triggers that are missing or disabled, on audited tables and on the log itself. '
  'No row means that every change is recorded and no entry can be changed';

create function compliance.verify_audit_chain(
  from_time timestamptz default null,
  to_time timestamptz default null,
  checkpoint jsonb default null
)
returns table (
  is_intact boolean,
  rows_checked bigint,
  first_bad_sequence bigint,
  first_bad_time timestamptz,
  kind text,
  detail text,
  head_sequence bigint,
  head_hash text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  first record;
  head record;
  bad record;
  marked record;
begin
  select l.sequence, l.occurred_at, l.hash into head
  from compliance.audit_log l
  where (to_time is null or l.occurred_at < to_time)
    and (from_time is null or l.occurred_at >= from_time)
  order by l.sequence desc
  limit 1;
  select l.sequence, l.occurred_at, l.prev_hash into first
  from compliance.audit_log l
  where (from_time is null or l.occurred_at >= from_time)
    and (to_time is null or l.occurred_at < to_time)
  order by l.sequence
  limit 1;
  is_intact := false;
  rows_checked := coalesce(head.sequence - first.sequence + 1, 0);
  head_sequence := head.sequence;
  head_hash := encode(head.hash, 'hex');

  -- The beginning: the first entry ever, or one that follows the last entry of an archived partition.
  if from_time is null and first.sequence is not null
    and not (first.sequence = 1 and first.prev_hash = decode(repeat('00', 32), 'hex'))
    and not exists (
      select
      from archive.snapshot_manifest m
      where m.schema_name = 'compliance'
        and m.table_name = 'audit_log'
        and m.details ->> 'last_hash' = encode(first.prev_hash, 'hex')
        and (m.details ->> 'last_sequence')::bigint = first.sequence - 1
    )
  then
    kind := case when first.sequence > 1 then 'deleted' else 'edited' end;
    first_bad_sequence := 1;
    first_bad_time := first.occurred_at;
    detail := format('the chain begins at %s without a predecessor in the archive', first.sequence);
    return next;
    return;
  end if;

  -- Content first, then order: only links are sorted, not whole rows.
  select b.* into bad
  from (
    select
      e.*,
      compliance.audit_link(e.prev_hash, e.sequence, e.occurred_at, e.digest) = e.hash as is_whole,
      lag(e.sequence) over chain as last_sequence,
      lag(e.occurred_at) over chain as last_time,
      lag(e.prev_hash) over chain as last_prev_hash,
      lag(e.hash) over chain as last_hash
    from (
      select
        l.sequence,
        l.occurred_at,
        l.prev_hash,
        l.hash,
        compliance.audit_digest(
          compliance.audit_origin(
            l.action, l.schema_name, l.table_name, l.db_user, l.db_role, l.actor, l.application_name, l.client_address,
            l.transaction_id
          ),
          l.row_key, l.old_values, l.new_values
        ) as digest
      from compliance.audit_log l
      where (from_time is null or l.occurred_at >= from_time)
        and (to_time is null or l.occurred_at < to_time)
      offset 0
    ) e
    window chain as (order by e.sequence, e.occurred_at)
  ) b
  where not b.is_whole
    or b.prev_hash <> b.last_hash
    or b.sequence <> b.last_sequence + 1
  order by b.sequence, b.occurred_at
  limit 1;

  if found then
    first_bad_sequence := bad.sequence;
    first_bad_time := bad.occurred_at;
    if bad.sequence = bad.last_sequence then
      kind := 'inserted';
      detail := format('two entries bear the number %s', bad.sequence);
      if bad.is_whole and bad.prev_hash = bad.last_prev_hash and exists (
        select from compliance.audit_log l where l.sequence = bad.sequence + 1 and l.prev_hash = bad.hash
      ) then
        first_bad_time := bad.last_time;
      end if;
    elsif bad.sequence > bad.last_sequence + 1 then
      kind := 'deleted';
      first_bad_sequence := bad.last_sequence + 1;
      detail := format('entries %s to %s are missing', bad.last_sequence + 1, bad.sequence - 1);
    elsif bad.prev_hash = bad.last_hash or bad.last_hash is null then
      kind := 'edited';
      detail := 'the entry does not have the content that its hash was made of';
    elsif bad.prev_hash = bad.last_prev_hash then
      kind := 'inserted';
      first_bad_sequence := bad.last_sequence;
      first_bad_time := bad.last_time;
      detail := 'an entry stands between two that follow each other';
    elsif exists (select from compliance.audit_log l where l.hash = bad.prev_hash) then
      kind := 'reordered';
      detail := 'the entry follows another one than its predecessor here';
    elsif not bad.is_whole
      and compliance.audit_link(bad.prev_hash, bad.sequence + 1, bad.occurred_at, bad.digest) = bad.hash
    then
      kind := 'deleted';
      detail := 'the entry before was removed and those after were renumbered';
    elsif bad.is_whole then
      kind := 'edited';
      first_bad_sequence := bad.last_sequence;
      first_bad_time := bad.last_time;
      detail := 'the entry was given a new hash that the next one does not carry';
    else
      kind := 'edited';
      detail := 'neither its content nor its predecessor fit the entry';
    end if;
    return next;
    return;
  end if;

  if checkpoint is not null then
    select l.sequence, l.hash into marked
    from compliance.audit_log l
    where l.sequence = (checkpoint ->> 'sequence')::bigint
      and l.occurred_at = (checkpoint ->> 'occurred_at')::timestamptz;
    if not found and coalesce((select max(l.sequence) from compliance.audit_log l), 0) < (checkpoint ->> 'sequence')::bigint then
      kind := 'tail_cut';
      first_bad_sequence := coalesce(head.sequence, 0) + 1;
      first_bad_time := (checkpoint ->> 'occurred_at')::timestamptz;
      detail := format('the checkpoint knows %s entries', checkpoint ->> 'sequence');
      return next;
      return;
    end if;
    if marked.hash <> decode(checkpoint ->> 'hash', 'hex') or (
      marked.hash is null and not exists (
        select
        from archive.snapshot_manifest m
        where m.schema_name = 'compliance'
          and m.table_name = 'audit_log'
          and (m.details ->> 'last_sequence')::bigint >= (checkpoint ->> 'sequence')::bigint
      )
    ) then
      kind := 'edited';
      first_bad_sequence := (checkpoint ->> 'sequence')::bigint;
      first_bad_time := (checkpoint ->> 'occurred_at')::timestamptz;
      detail := 'the chain was written anew: the entry of the checkpoint is another one now, and any before it may be';
      return next;
      return;
    end if;
  end if;
  -- Rows that were never written leave no trace in a chain: what would have written them must be in force.
  select string_agg(g.relation || ': ' || g.detail, '; ') into detail from compliance.audit_gaps() g;
  if detail is not null then
    kind := 'unguarded';
  end if;
  is_intact := detail is null;
  return next;
end
$$;

comment on function compliance.verify_audit_chain(timestamptz, timestamptz, jsonb) is
  'Checks the audit log from one time to another (null: all) and against a checkpoint of compliance.audit_checkpoint. One row: '
  'is_intact, or the first bad entry with its kind: edited, deleted, inserted, reordered or tail_cut; or unguarded, when the '
  'entries are whole but a trigger that writes or guards them is not in force, see compliance.audit_gaps';

-- ---------------------------------------------------------------------------
-- Retention
-- ---------------------------------------------------------------------------

create function archive.default_rows(parent regclass)
returns bigint
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  spare regclass;
  found_rows bigint;
begin
  select nullif(p.partdefid, 0)::regclass
  into spare
  from pg_partitioned_table p
  join pg_class c on c.oid = p.partrelid
  join pg_namespace n on n.oid = c.relnamespace
  where p.partrelid = parent
    and n.nspname in ('explore', 'chart', 'navigate', 'pipeline', 'quality', 'compliance', 'archive');
  if spare is null then
    return null;
  end if;
  execute format('select count(*) from (select from %s limit 10000) r', spare) into found_rows;
  return found_rows;
end
$$;

comment on function archive.default_rows(regclass) is
  'Rows in the default partition of a table, counted up to 10,000; null when it has none';

create function archive.detach_expired_partitions(
  parent regclass,
  as_of timestamptz default now(),
  is_dry_run boolean default false
)
returns table (partition text, range_from timestamptz, range_to timestamptz, action text, reason text, snapshot_id uuid)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
#variable_conflict use_column
declare
  policy compliance.retention_policies;
  of_schema text;
  of_table text;
  piece record;
  counted bigint;
  extra jsonb;
begin
  select n.nspname, c.relname
  into of_schema, of_table
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_partitioned_table p on p.partrelid = c.oid
  where c.oid = parent;
  if not found then
    raise exception '% is not a partitioned table', parent using errcode = 'wrong_object_type';
  end if;
  select * into policy
  from compliance.retention_policies r
  where r.schema_name = of_schema
    and r.table_name = of_table
    and r.is_enabled
    and r.action in ('detach', 'archive');
  if not found then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('atlas_ensure_partitions', parent::oid::bigint));

  for piece in
    select
      b.partition as relation,
      c.relname,
      b.range_from,
      b.range_to,
      (
        select h.name
        from compliance.legal_holds h
        where h.released_at is null
          and (h.schema_name is null or h.schema_name = of_schema)
          and (h.table_name is null or h.table_name in (of_table, c.relname))
          and coalesce(h.range_from, '-infinity') < b.range_to
          and coalesce(h.range_to, 'infinity') > b.range_from
        order by h.placed_at
        limit 1
      ) as hold
    from public.atlas_partition_bounds(parent) b
    join pg_class c on c.oid = b.partition
    where not b.is_default
      and b.range_to + policy.keep <= as_of
    order by b.range_from
  loop
    partition := piece.relation::text;
    range_from := piece.range_from;
    range_to := piece.range_to;
    snapshot_id := null;
    if piece.hold is not null then
      action := 'held';
      reason := format('legal hold "%s"', piece.hold);
    elsif is_dry_run then
      action := 'would_detach';
      reason := format('policy "%s" keeps %s', policy.name, policy.keep);
    else
      extra := '{}';
      execute format('select count(*) from %s', piece.relation) into counted;
      if parent = 'compliance.audit_log'::regclass then
        execute format(
          'select coalesce(jsonb_build_object(''first_sequence'', min(sequence), ''last_sequence'', max(sequence), '
          '''last_hash'', (select encode(hash, ''hex'') from %1$s order by sequence desc limit 1)), ''{}'') from %1$s '
          'having count(*) > 0',
          piece.relation
        )
        into extra;
      end if;
      execute format('alter table %s detach partition %s', parent, piece.relation);
      execute format('alter table %s set schema archive', piece.relation);
      -- Guards of the parent stay behind when a partition leaves it.
      if parent = 'compliance.audit_log'::regclass then
        execute format(
          'create trigger refuse_change before update or delete on archive.%I '
          'for each row execute function compliance.refuse_audit_change()',
          piece.relname
        );
        execute format('alter table archive.%I enable always trigger refuse_change', piece.relname);
      end if;
      insert into archive.snapshot_manifest
        (schema_name, table_name, partition_name, range_from, range_to, state, format, row_count, retention_until, details)
      values (
        of_schema, of_table, piece.relname, piece.range_from, piece.range_to, 'detached', 'table', counted,
        as_of + policy.archive_keep,
        coalesce(extra, '{}') || jsonb_build_object('relation', format('archive.%I', piece.relname))
      )
      returning snapshot_manifest.snapshot_id into snapshot_id;
      action := 'detached';
      reason := format('policy "%s" keeps %s', policy.name, policy.keep);
    end if;
    return next;
  end loop;
  if not is_dry_run then
    update compliance.retention_policies r set last_applied_at = clock_timestamp() where r.policy_id = policy.policy_id;
  end if;
end
$$;

comment on function archive.detach_expired_partitions(regclass, timestamptz, boolean) is
  'Detaches the partitions of a table that its retention policy no longer keeps, moves them to schema archive and enters them '
  'in archive.snapshot_manifest. A partition under a legal hold stays (action held). A dry run only tells. No policy, no action';

-- ---------------------------------------------------------------------------
-- Views
-- ---------------------------------------------------------------------------

create view archive.partitions as
select
  n.nspname as schema_name,
  c.relname as table_name,
  p.relname as partition_name,
  b.range_from,
  b.range_to,
  b.is_default,
  p.reltuples::bigint as estimated_rows,
  pg_total_relation_size(p.oid) as size_bytes,
  pg_indexes_size(p.oid) as index_size_bytes,
  s.n_live_tup as live_rows,
  s.n_dead_tup as dead_rows,
  greatest(s.last_vacuum, s.last_autovacuum) as vacuumed_at,
  greatest(s.last_analyze, s.last_autoanalyze) as analyzed_at
from pg_catalog.pg_partitioned_table t
join pg_catalog.pg_class c on c.oid = t.partrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral public.atlas_partition_bounds(c.oid::regclass) b
join pg_catalog.pg_class p on p.oid = b.partition
left join pg_catalog.pg_stat_all_tables s on s.relid = p.oid
where n.nspname in ('explore', 'chart', 'navigate', 'pipeline', 'quality', 'compliance', 'archive')
  and t.partstrat = 'r'
  and t.partnatts = 1;

comment on view archive.partitions is 'Every partition of the platform with bounds, size, rows by estimate, last vacuum and analyze';

create view archive.partition_health as
select
  c.oid::regclass::text as table_name,
  x.step,
  h.partitions,
  h.oldest_from,
  h.covered_to,
  x.next_from,
  not exists (
    select
    from public.atlas_partition_bounds(c.oid::regclass) b
    where b.range_from <= x.next_from
      and b.range_to > x.next_from
  ) as is_next_missing,
  not exists (
    select
    from public.atlas_partition_bounds(c.oid::regclass) b
    where b.range_from <= now()
      and b.range_to > now()
  ) as is_current_missing,
  archive.default_rows(c.oid::regclass) as default_rows,
  h.size_bytes,
  h.estimated_rows,
  h.dead_rows,
  h.vacuumed_at,
  h.analyzed_at
from pg_catalog.pg_partitioned_table t
join pg_catalog.pg_class c on c.oid = t.partrelid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
cross join lateral (
  select
    s.step,
    (
      date_trunc(
        case s.step when interval '1 month' then 'month' when interval '3 months' then 'quarter' else 'year' end,
        now() at time zone 'UTC'
      ) + s.step
    ) at time zone 'UTC' as next_from
  from public.atlas_partition_step(c.oid::regclass) s (step)
) x
cross join lateral (
  select
    count(*)::integer as partitions,
    min(p.range_from) filter (where not p.is_default) as oldest_from,
    max(p.range_to) filter (where not p.is_default) as covered_to,
    sum(p.size_bytes)::bigint as size_bytes,
    sum(greatest(p.estimated_rows, 0))::bigint as estimated_rows,
    sum(p.dead_rows)::bigint as dead_rows,
    max(p.vacuumed_at) as vacuumed_at,
    max(p.analyzed_at) as analyzed_at
  from archive.partitions p
  where p.schema_name = n.nspname
    and p.table_name = c.relname
) h
where n.nspname in ('explore', 'chart', 'navigate', 'pipeline', 'quality', 'compliance', 'archive')
  and t.partstrat = 'r'
  and t.partnatts = 1;

comment on view archive.partition_health is
  'One row a partitioned table: whether the current and the next period have a partition, rows in the default partition '
  '(counted up to 10,000), size, last vacuum. Reads the catalogue only';

create view compliance.pii_exposure with (security_invoker = true) as
select
  coalesce(a.schema_name, d.schema_name) as schema_name,
  coalesce(a.table_name, d.table_name) as table_name,
  coalesce(a.column_name, d.column_name) as column_name,
  coalesce(a.pattern_code, d.pattern_code) as pattern_code,
  a.classification,
  a.mask_kind,
  a.asset_id is not null as is_registered,
  coalesce(
    has_column_privilege(
      'atlas_read',
      to_regclass(format('%I.%I', coalesce(a.schema_name, d.schema_name), coalesce(a.table_name, d.table_name))),
      c.attname,
      'select'
    ),
    false
  ) as is_readable_in_clear,
  d.status as detection_status,
  d.match_share,
  d.confidence,
  d.detected_at
from (
  select *
  from compliance.data_assets
  where is_personal
    and column_name is not null
) a
full join (
  select distinct on (schema_name, table_name, column_name) *
  from compliance.pii_detections
  where status <> 'dismissed'
  order by schema_name, table_name, column_name, detected_at desc
) d
  on d.schema_name = a.schema_name
  and d.table_name = a.table_name
  and d.column_name = a.column_name
left join pg_catalog.pg_attribute c
  on c.attrelid = to_regclass(format('%I.%I', coalesce(a.schema_name, d.schema_name), coalesce(a.table_name, d.table_name)))
  and c.attname = coalesce(a.column_name, d.column_name)
  and c.attnum > 0
  and not c.attisdropped;

comment on view compliance.pii_exposure is
  'Personal columns, registered or found by a scan: whether they are masked, and whether atlas_read may read them in clear';

create view compliance.open_subject_requests with (security_invoker = true) as
select
  r.request_id,
  r.request_number,
  r.kind,
  r.status,
  r.received_at,
  r.due_at,
  r.due_at < now() as is_overdue,
  floor(extract(epoch from r.due_at - now()) / 86400)::integer as days_left,
  a.actions_total,
  a.actions_done,
  a.actions_failed,
  a.actions_held
from compliance.data_subject_requests r
left join lateral (
  select
    count(*)::integer as actions_total,
    (count(*) filter (where status in ('done', 'skipped')))::integer as actions_done,
    (count(*) filter (where status = 'failed'))::integer as actions_failed,
    (count(*) filter (where status = 'held'))::integer as actions_held
  from compliance.request_actions
  where request_id = r.request_id
) a on true
where r.status not in ('completed', 'rejected', 'cancelled');

comment on view compliance.open_subject_requests is
  'Requests that wait for an answer, with days left and progress of their actions; names nobody';

-- What readers see instead of tables with personal columns. These views read as their owner, so that they
-- name the levels that atlas_read may see; the barrier keeps a reader's own functions from seeing more.
create view navigate.dim_customer_masked with (security_barrier = true) as
select
  customer_sk,
  customer_key,
  compliance.mask(full_name, 'name') as full_name,
  compliance.mask(email, 'email') as email,
  compliance.mask(phone, 'phone') as phone,
  compliance.mask(birth_date::text, 'date') as birth_date,
  compliance.mask(street_address, 'address') as street_address,
  compliance.mask(postal_code, 'address') as postal_code,
  city,
  country_code,
  segment,
  valid_from,
  valid_to,
  is_current,
  version,
  classification
from navigate.dim_customer
where classification in ('public', 'internal');

comment on view navigate.dim_customer_masked is 'Customers as atlas_read sees them: personal columns masked';

create view navigate.dimension_masked with (security_barrier = true) as
select
  dimension_sk,
  dimension_name,
  natural_key,
  compliance.mask_record(attributes, 'navigate', 'dimension_template') as attributes,
  valid_from,
  valid_to,
  is_current,
  version,
  classification
from navigate.dimension_template
where classification in ('public', 'internal');

comment on view navigate.dimension_masked is 'Dimensions as atlas_read sees them: personal attributes masked';

create view explore.raw_data_masked with (security_barrier = true) as
select
  raw_id,
  ingested_at,
  source_id,
  batch_id,
  run_id,
  source_row,
  source_file,
  compliance.mask_record(payload, 'explore', 'raw_data_template') as payload,
  classification
from explore.raw_data_template
where classification in ('public', 'internal');

comment on view explore.raw_data_masked is 'Raw rows as atlas_read sees them: personal keys masked. Name a range of ingested_at';

create view chart.staging_masked with (security_barrier = true) as
select
  staging_id,
  batch_id,
  source_row,
  record_kind,
  raw_ingested_at,
  source_id,
  run_id,
  compliance.mask_record(record, 'chart', 'staging_template') as record,
  status,
  rejection_reasons,
  quality_flags,
  classification,
  created_at,
  validated_at,
  published_at
from chart.staging_template
where classification in ('public', 'internal');

comment on view chart.staging_masked is 'Validated records as atlas_read sees them: personal keys masked';

-- ---------------------------------------------------------------------------
-- Roles, grants, row-level security
-- ---------------------------------------------------------------------------

-- Roles belong to the whole server: another database of it may have made them already.
do $$
declare
  name text;
begin
  foreach name in array array['atlas_read', 'atlas_write', 'atlas_admin'] loop
    begin
      if not exists (select from pg_catalog.pg_roles where rolname = name) then
        execute format('create role %I nologin', name);
      end if;
    exception
      when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$$;

grant usage on schema explore, chart, navigate, pipeline, quality, compliance, archive
to atlas_read, atlas_write, atlas_admin;

-- No partition is granted to anybody: rows are reached through the parent, where its policies hold.
grant select (
  source_id, code, name, kind, description, owner, record_format, classification, is_active, expected_every, last_landed_at,
  created_at, updated_at
) on explore.source_systems to atlas_read;
grant select (
  raw_id, ingested_at, source_id, batch_id, run_id, source_row, source_file, checksum, classification
) on explore.raw_data_template to atlas_read;
grant select on explore.raw_data_masked to atlas_read;
grant select (
  staging_id, batch_id, source_row, record_kind, raw_ingested_at, source_id, run_id, status, rejection_reasons,
  quality_flags, classification, checksum, created_at, validated_at, published_at
) on chart.staging_template to atlas_read;
grant select on chart.staging_masked to atlas_read;
grant select (
  dimension_sk, dimension_name, natural_key, checksum, valid_from, valid_to, is_current, version, source_id, batch_id,
  run_id, classification, created_at, updated_at
) on navigate.dimension_template to atlas_read;
grant select on navigate.dimension_masked, navigate.dim_customer_masked, navigate.fact_template to atlas_read;
grant select (
  customer_sk, customer_key, city, country_code, segment, valid_from, valid_to, is_current, version, source_id, batch_id,
  run_id, classification, created_at, updated_at
) on navigate.dim_customer to atlas_read;
grant select on all tables in schema pipeline to atlas_read, atlas_write;
grant select on
  quality.dimensions, quality.rules, quality.rule_assignments, quality.test_runs, quality.failed_samples,
  quality.table_profiles, quality.column_profiles, quality.table_scores, quality.anomalies,
  quality.latest_scores, quality.failing_rules
to atlas_read, atlas_write;
grant select on
  compliance.classification_levels, compliance.data_assets, compliance.pii_patterns, compliance.retention_policies
to atlas_read, atlas_write;
grant select on archive.snapshot_manifest, archive.partitions, archive.partition_health to atlas_read, atlas_write;

grant select, insert, update, delete on explore.source_systems, explore.raw_data_template, chart.staging_template
to atlas_write;
grant select on explore.raw_data_masked, chart.staging_masked to atlas_write;
grant select on navigate.dimension_template, navigate.fact_template, navigate.dimension_masked, navigate.dim_customer_masked
to atlas_write;
grant insert, update, delete on
  pipeline.pipelines, pipeline.pipeline_tasks, pipeline.task_dependencies, pipeline.schedules, pipeline.pipeline_runs,
  pipeline.task_runs, pipeline.run_logs, pipeline.checkpoints, pipeline.parameters, pipeline.lineage_events, pipeline.alerts
to atlas_write;
grant usage on sequence pipeline.fencing_token_seq to atlas_write, atlas_admin;
grant insert, update, delete on
  quality.test_runs, quality.failed_samples, quality.table_profiles, quality.column_profiles, quality.table_scores,
  quality.anomalies
to atlas_write;
grant select, insert, update on compliance.pii_detections to atlas_write;
grant select on compliance.pii_exposure to atlas_write;
grant insert, update on archive.snapshot_manifest to atlas_write;

grant select, insert, update, delete on
  explore.source_systems, explore.raw_data_template, chart.staging_template, navigate.dimension_template,
  navigate.fact_template, navigate.dim_customer, archive.snapshot_manifest
to atlas_admin;
grant select on
  explore.raw_data_masked, chart.staging_masked, navigate.dimension_masked, navigate.dim_customer_masked,
  archive.partitions, archive.partition_health
to atlas_admin;
grant select, insert, update, delete on all tables in schema pipeline to atlas_admin;
grant select, insert, update, delete on
  quality.dimensions, quality.rules, quality.rule_assignments, quality.test_runs, quality.failed_samples,
  quality.table_profiles, quality.column_profiles, quality.table_scores, quality.anomalies
to atlas_admin;
grant select on quality.latest_scores, quality.failing_rules to atlas_admin;
grant select, insert, update, delete on
  compliance.classification_levels, compliance.data_assets, compliance.pii_patterns, compliance.pii_detections,
  compliance.data_subject_requests, compliance.request_actions, compliance.consent_records, compliance.retention_policies,
  compliance.legal_holds, compliance.processing_activities
to atlas_admin;
grant select on compliance.audit_log, compliance.pii_exposure, compliance.open_subject_requests to atlas_admin;

-- The owner gives up what nobody may do. The triggers hold for those who take it back, and on partitions.
do $$
begin
  execute format('revoke update, delete, truncate on compliance.audit_log from %I', current_user);
end
$$;

-- Functions that run as owner, or write on its behalf, are for those who need them.
revoke execute on function
  public.atlas_secure_partition(regclass, regclass),
  public.atlas_add_partition(regclass, interval, timestamptz),
  public.atlas_ensure_partitions(regclass, timestamptz, timestamptz),
  navigate.create_fact_table(text, integer, integer),
  archive.detach_expired_partitions(regclass, timestamptz, boolean),
  archive.default_rows(regclass),
  compliance.mask_record(jsonb, text, text),
  compliance.audit_head(),
  compliance.append_audit(text, text, text, jsonb[], jsonb[], jsonb[]),
  compliance.audit_trigger(),
  compliance.audit_event(text, text, jsonb),
  compliance.enable_audit(regclass),
  compliance.disable_audit(regclass)
from public;

grant execute on function
  public.atlas_ensure_partitions(regclass, timestamptz, timestamptz),
  navigate.create_fact_table(text, integer, integer)
to atlas_write, atlas_admin;
grant execute on function archive.default_rows(regclass), compliance.mask_record(jsonb, text, text)
to atlas_read, atlas_write, atlas_admin;
grant execute on function
  archive.detach_expired_partitions(regclass, timestamptz, boolean),
  compliance.audit_event(text, text, jsonb)
to atlas_admin;

-- Tables whose rows carry a level: readers see up to internal, writers and administrators all.
do $$
declare
  target regclass;
begin
  foreach target in array array[
    'explore.source_systems', 'explore.raw_data_template', 'chart.staging_template', 'navigate.dimension_template',
    'navigate.fact_template', 'navigate.dim_customer', 'quality.failed_samples', 'archive.snapshot_manifest'
  ]::regclass[] loop
    execute format('alter table %s enable row level security', target);
    execute format(
      'create policy read_to_internal on %s for select to atlas_read using (classification in (''public'', ''internal''))',
      target
    );
    execute format('create policy write_all on %s for all to atlas_write using (true) with check (true)', target);
    execute format('create policy admin_all on %s for all to atlas_admin using (true) with check (true)', target);
  end loop;
end
$$;

alter table pipeline.parameters enable row level security;
create policy read_no_secret on pipeline.parameters for select to atlas_read using (not is_secret);
create policy write_all on pipeline.parameters for all to atlas_write using (true) with check (true);
create policy admin_all on pipeline.parameters for all to atlas_admin using (true) with check (true);

alter table compliance.audit_log enable row level security;
create policy admin_reads on compliance.audit_log for select to atlas_admin using (true);

-- Policies, and guards against truncate, are not inherited by partitions.
do $$
declare
  parent regclass;
  partition regclass;
begin
  for parent, partition in
    select i.inhparent::regclass, i.inhrelid::regclass
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid and c.relispartition and c.relkind = 'r'
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('explore', 'navigate', 'quality', 'compliance')
  loop
    perform public.atlas_secure_partition(partition, parent);
    execute format('comment on table %s is %L', partition, 'Partition of ' || parent::text);
  end loop;
end
$$;

-- ---------------------------------------------------------------------------
-- Registry of assets, and what is audited
-- ---------------------------------------------------------------------------

insert into compliance.data_assets (schema_name, table_name, classification, owner, description)
select
  n.nspname,
  c.relname,
  case when n.nspname = 'compliance' or c.relname = 'dim_customer' then 'confidential' else 'internal' end,
  'data-platform',
  coalesce(obj_description(c.oid, 'pg_class'), '')
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('explore', 'chart', 'navigate', 'pipeline', 'quality', 'compliance', 'archive')
  and c.relkind in ('r', 'p')
  and not c.relispartition
order by 1, 2;

update compliance.data_assets
set is_personal = true, legal_basis = 'contract'
where schema_name = 'navigate'
  and table_name = 'dim_customer';

insert into compliance.data_assets (
  schema_name, table_name, column_name, classification, is_personal, pattern_code, mask_kind, is_subject_key, erasure_action,
  owner, purpose, legal_basis
)
values
  ('navigate', 'dim_customer', 'customer_key', 'internal', false, null, null, true, null,
    'data-platform', 'Joins and subject requests', null),
  ('navigate', 'dim_customer', 'full_name', 'confidential', true, 'person_name', 'name', false, 'erase',
    'data-platform', 'Addressing the customer', 'contract'),
  ('navigate', 'dim_customer', 'email', 'confidential', true, 'email', 'email', true, 'erase',
    'data-platform', 'Contact', 'contract'),
  ('navigate', 'dim_customer', 'phone', 'confidential', true, 'phone', 'phone', false, 'erase',
    'data-platform', 'Contact', 'contract'),
  ('navigate', 'dim_customer', 'birth_date', 'confidential', true, 'date_of_birth', 'date', false, 'erase',
    'data-platform', 'Proof of age', 'legal_obligation'),
  ('navigate', 'dim_customer', 'street_address', 'confidential', true, 'postal_address', 'address', false, 'erase',
    'data-platform', 'Delivery', 'contract'),
  ('navigate', 'dim_customer', 'postal_code', 'confidential', true, 'postal_address', 'address', false, 'erase',
    'data-platform', 'Delivery', 'contract'),
  ('compliance', 'data_subject_requests', 'subject_key', 'restricted', true, null, 'full', false, 'keep',
    'data-platform', 'Proof of the answer', 'legal_obligation'),
  ('compliance', 'data_subject_requests', 'subject_identifiers', 'restricted', true, null, 'full', false, 'keep',
    'data-platform', 'Finding the person', 'legal_obligation'),
  ('compliance', 'data_subject_requests', 'contact', 'restricted', true, null, 'full', false, 'keep',
    'data-platform', 'Answering the person', 'legal_obligation'),
  ('compliance', 'consent_records', 'subject_key', 'restricted', true, null, 'full', true, 'keep',
    'data-platform', 'Proof of consent', 'legal_obligation'),
  ('compliance', 'legal_holds', 'subject_key', 'restricted', true, null, 'full', false, 'keep',
    'data-platform', 'Keeping data for a matter in law', 'legal_obligation');

select compliance.enable_audit(audited.target::regclass)
from (
  values
    ('compliance.data_assets'),
    ('compliance.classification_levels'),
    ('compliance.pii_patterns'),
    ('compliance.retention_policies'),
    ('compliance.legal_holds'),
    ('compliance.data_subject_requests'),
    ('compliance.request_actions'),
    ('compliance.consent_records'),
    ('compliance.processing_activities'),
    ('explore.source_systems'),
    ('navigate.dim_customer'),
    ('pipeline.pipelines'),
    ('pipeline.pipeline_tasks'),
    ('pipeline.schedules'),
    ('pipeline.parameters'),
    ('quality.rules'),
    ('quality.rule_assignments')
) audited (target);

-- Time went on since the partitions above were named.
select public.atlas_ensure_all_partitions();
