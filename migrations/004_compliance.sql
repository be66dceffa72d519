-- Compliance: classification, personal data, the audit log, subject requests, consent, retention,
-- legal holds, the register of processing; then partitions, roles and row-level security of all layers.

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
  constraint audit_log_pkey primary key (sequence, occurred_at),
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
comment on column compliance.audit_log.hash is 'SHA-256 over prev_hash and compliance.audit_entry of all other columns';

create index audit_log_time_idx on compliance.audit_log (occurred_at, sequence);
create index audit_log_table_idx on compliance.audit_log (schema_name, table_name, occurred_at);

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
-- rows by the hundred thousand keep their check: the levels are fixed, a look-up a row is not free.
alter table explore.source_systems
add constraint source_systems_classification_fkey
foreign key (classification) references compliance.classification_levels (code);

alter table navigate.dim_customer
add constraint dim_customer_classification_fkey
foreign key (classification) references compliance.classification_levels (code);

alter table archive.snapshot_manifest
add constraint snapshot_classification_fkey
foreign key (classification) references compliance.classification_levels (code);

create index dim_customer_classification_idx on navigate.dim_customer (classification);
create index snapshot_classification_idx on archive.snapshot_manifest (classification);
