-- The core of the platform: shared functions, the three layers that data passes
-- (explore: raw, chart: validated, navigate: published) and the manifest of what was archived.
-- Applied in one transaction, by the owner of the database; needs no superuser.
--
-- squawk-ignore-file require-lock-timeout, require-statement-timeout
-- The runner sets a lock timeout and can be cancelled; on an empty database nobody is waited for.
-- squawk-ignore-file prefer-robust-stmts
-- Applied once, in one transaction, remembered in the ledger: half a file never stays, so nothing can exist already.
-- squawk-ignore-file require-concurrent-index-creation
-- The tables are made in the same transaction and hold no row; concurrently is refused inside of one.
-- squawk-ignore-file prefer-bigint-over-int
-- Integers here count versions, attempts, seconds and positions; what counts rows, bytes or identities is bigint.

create extension if not exists btree_gist;

create schema explore;
create schema chart;
create schema navigate;
create schema archive;

comment on schema explore is 'Raw data as it was received';
comment on schema chart is 'Validated records with the reasons of every rejection';
comment on schema navigate is 'Dimensions and facts published for the business';
comment on schema archive is 'Long-term storage: what left the database, where it lies and how to check it';

-- ---------------------------------------------------------------------------
-- Shared functions
-- ---------------------------------------------------------------------------

-- RFC 9562 version 7: 48 bits of milliseconds, then 12 bits of the fraction of a millisecond, then
-- random bits. PostgreSQL has uuidv7() from 18 on; the platform also runs on 15.
create function public.atlas_uuid_v7(at timestamptz default clock_timestamp())
returns uuid
language sql
volatile
parallel safe
as $$
  select encode(
    substring(int8send(floor(extract(epoch from at) * 1000)::bigint) from 3)
    || int2send((28672 + floor((extract(epoch from at) * 1000 % 1) * 4096))::int2)
    || substring(uuid_send(gen_random_uuid()) from 9),
    'hex'
  )::uuid
$$;

comment on function public.atlas_uuid_v7(timestamptz) is
  'A uuid of version 7: sorts by the time of its creation, microseconds included';

create function explore.batch_time(batch_id uuid)
returns timestamptz
language sql
immutable
strict
parallel safe
as $$
  select to_timestamp(('x' || translate(substr(batch_id::text, 1, 13), '-', ''))::bit(48)::bigint / 1000.0::float8)
$$;

comment on function explore.batch_time(uuid) is
  'The instant, to the millisecond, that a uuid of version 7 carries. A batch lands at exactly this instant';

create function public.atlas_touch_updated_at()
returns trigger
language plpgsql
as $$
begin
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end
$$;

comment on function public.atlas_touch_updated_at() is
  'Trigger: sets updated_at on every update, always later than it was';

create function public.atlas_trim_numbers(value jsonb)
returns jsonb
language plpgsql
immutable
strict
parallel safe
as $$
begin
  return case jsonb_typeof(value)
    when 'number' then to_jsonb(trim_scale(value::numeric))
    when 'object' then coalesce(
      (select jsonb_object_agg(e.key, public.atlas_trim_numbers(e.value)) from jsonb_each(value) e),
      '{}'
    )
    when 'array' then coalesce(
      (
        select jsonb_agg(public.atlas_trim_numbers(e.item) order by e.position)
        from jsonb_array_elements(value) with ordinality e (item, position)
      ),
      '[]'
    )
    else value
  end;
end
$$;

comment on function public.atlas_trim_numbers(jsonb) is
  'The same document with numbers in shortest form: 1.50 becomes 1.5 at any depth';

-- jsonb has normalised keys, white space and exponents already; only zeros after the point remain.
-- The regular expression may match inside a string: then the slow path gives the same document.
create function public.atlas_record_checksum(record jsonb)
returns text
language sql
immutable
strict
parallel safe
as $$
  select encode(
    sha256(
      convert_to(
        case
          when record::text ~ '\.[0-9]*0([],}]|$)' then public.atlas_trim_numbers(record)::text
          else record::text
        end,
        'UTF8'
      )
    ),
    'hex'
  )
$$;

comment on function public.atlas_record_checksum(jsonb) is
  'SHA-256 of a record as 64 hexadecimal digits; the order of keys and the way a number is written do not change it';

-- ---------------------------------------------------------------------------
-- explore
-- ---------------------------------------------------------------------------

create table explore.source_systems (
  source_id uuid primary key default public.atlas_uuid_v7(),
  code text not null,
  name text not null,
  kind text not null,
  description text not null default '',
  owner text not null,
  connection jsonb not null default '{}',
  record_format text not null default 'csv',
  classification text not null default 'internal',
  is_active boolean not null default true,
  expected_every interval,
  last_landed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint source_systems_code_key unique (code),
  constraint source_systems_code_check check (code ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint source_systems_kind_check check (kind in ('file', 'http', 's3', 'database')),
  constraint source_systems_format_check check (record_format in ('csv', 'json', 'jsonl', 'parquet', 'sql')),
  constraint source_systems_classification_check
    check (classification in ('public', 'internal', 'confidential', 'restricted', 'secret')),
  constraint source_systems_connection_check check (jsonb_typeof(connection) = 'object'),
  constraint source_systems_rhythm_check check (expected_every > interval '0')
);

comment on table explore.source_systems is 'Registry of the systems that data comes from. A source is deactivated, never deleted, while rows refer to it';
comment on column explore.source_systems.source_id is 'Key of the source';
comment on column explore.source_systems.code is 'Short name used in pipelines and file names, for example flights_csv';
comment on column explore.source_systems.name is 'Name for people';
comment on column explore.source_systems.kind is 'How data is fetched: file, http, s3 or database';
comment on column explore.source_systems.description is 'What the source delivers and how often';
comment on column explore.source_systems.owner is 'Person or team who answers for the source';
comment on column explore.source_systems.connection is 'Address and options of the source; secrets only as references, never in clear';
comment on column explore.source_systems.record_format is 'Format of what it delivers: csv, json, jsonl, parquet or sql';
comment on column explore.source_systems.classification is 'Level that rows of this source carry unless a rule raises it';
comment on column explore.source_systems.is_active is 'Whether pipelines may read from the source';
comment on column explore.source_systems.expected_every is 'How often data should arrive; null when there is no rhythm to watch';
comment on column explore.source_systems.last_landed_at is 'When data landed last; null before the first landing';
comment on column explore.source_systems.created_at is 'When the source was registered';
comment on column explore.source_systems.updated_at is 'When the entry changed last';

create index source_systems_active_idx on explore.source_systems (code) where is_active;
create index source_systems_classification_idx on explore.source_systems (classification);

create trigger touch_updated_at
before update on explore.source_systems
for each row execute function public.atlas_touch_updated_at();

-- A unique key of a partitioned table must contain the partition key, so uniqueness of (batch, row) alone
-- cannot be declared. The batch therefore carries its own time: batch_id is a uuid of version 7 and
-- ingested_at must be the instant inside it, which makes the pair as unique as the batch.
-- The classification of these rows is a check and no foreign key: a look-up a row would slow every landing.
create table explore.raw_data_template (
  raw_id uuid not null default public.atlas_uuid_v7(),
  ingested_at timestamptz not null,
  source_id uuid not null,
  batch_id uuid not null,
  run_id uuid,
  source_row bigint not null,
  source_file text,
  payload jsonb not null,
  checksum text not null,
  classification text not null default 'internal',
  constraint raw_data_pkey primary key (batch_id, source_row, ingested_at),
  constraint raw_data_source_fkey foreign key (source_id) references explore.source_systems (source_id),
  constraint raw_data_batch_time_check check (ingested_at = explore.batch_time(batch_id)),
  constraint raw_data_source_row_check check (source_row > 0),
  constraint raw_data_checksum_check check (octet_length(checksum) = 64),
  constraint raw_data_classification_check
    check (classification in ('public', 'internal', 'confidential', 'restricted', 'secret'))
) partition by range (ingested_at);

comment on table explore.raw_data_template is 'Raw landing, partitioned by month. One row a source record, unchanged. A writer passes batch_id and ingested_at = explore.batch_time(batch_id); landing one batch row twice violates the primary key';
comment on column explore.raw_data_template.raw_id is 'Identifier of the landed row for logs; rows are addressed by batch and source row';
comment on column explore.raw_data_template.ingested_at is 'Partition key: the instant inside batch_id, the same for all rows of a batch';
comment on column explore.raw_data_template.source_id is 'Source that delivered the row';
comment on column explore.raw_data_template.batch_id is 'Batch, a uuid of version 7, registered in pipeline.checkpoints by the digest of its content';
comment on column explore.raw_data_template.run_id is 'Pipeline run that landed the row; null for rows landed by hand. No foreign key: runs are pruned earlier';
comment on column explore.raw_data_template.source_row is 'Position of the record in the batch, from 1';
comment on column explore.raw_data_template.source_file is 'File or object the record came from; null for sources without files';
comment on column explore.raw_data_template.payload is 'The record as received';
comment on column explore.raw_data_template.checksum is 'public.atlas_record_checksum(payload)';
comment on column explore.raw_data_template.classification is 'Level that row-level security filters by';

create index raw_data_source_idx on explore.raw_data_template (source_id, ingested_at);
create index raw_data_run_idx on explore.raw_data_template (run_id) where run_id is not null;
create index raw_data_ingested_idx on explore.raw_data_template using brin (ingested_at);

create table explore.raw_data_2025_10 partition of explore.raw_data_template
for values from ('2025-10-01 00:00:00+00') to ('2025-11-01 00:00:00+00');
create table explore.raw_data_2025_11 partition of explore.raw_data_template
for values from ('2025-11-01 00:00:00+00') to ('2025-12-01 00:00:00+00');
create table explore.raw_data_2025_12 partition of explore.raw_data_template
for values from ('2025-12-01 00:00:00+00') to ('2026-01-01 00:00:00+00');
create table explore.raw_data_2026_01 partition of explore.raw_data_template
for values from ('2026-01-01 00:00:00+00') to ('2026-02-01 00:00:00+00');
create table explore.raw_data_2026_02 partition of explore.raw_data_template
for values from ('2026-02-01 00:00:00+00') to ('2026-03-01 00:00:00+00');
create table explore.raw_data_default partition of explore.raw_data_template default;

-- ---------------------------------------------------------------------------
-- chart
-- ---------------------------------------------------------------------------

create table chart.staging_template (
  staging_id uuid primary key default public.atlas_uuid_v7(),
  batch_id uuid not null,
  source_row bigint not null,
  record_kind text not null default 'record',
  raw_ingested_at timestamptz not null,
  source_id uuid not null,
  run_id uuid,
  record jsonb not null,
  status text not null default 'pending',
  rejection_reasons jsonb not null default '[]',
  quality_flags text[] not null default '{}',
  classification text not null default 'internal',
  checksum text not null,
  created_at timestamptz not null default now(),
  validated_at timestamptz,
  published_at timestamptz,
  constraint staging_batch_row_key unique (batch_id, source_row, record_kind),
  constraint staging_source_fkey foreign key (source_id) references explore.source_systems (source_id),
  constraint staging_batch_time_check check (raw_ingested_at = explore.batch_time(batch_id)),
  constraint staging_source_row_check check (source_row > 0),
  constraint staging_status_check check (status in ('pending', 'valid', 'rejected')),
  constraint staging_reasons_check check (
    jsonb_typeof(rejection_reasons) = 'array'
    and (status = 'rejected') = (jsonb_array_length(rejection_reasons) > 0)
  ),
  constraint staging_validated_check check ((status = 'pending') = (validated_at is null)),
  constraint staging_published_check check (published_at is null or status = 'valid'),
  constraint staging_checksum_check check (octet_length(checksum) = 64),
  constraint staging_classification_check
    check (classification in ('public', 'internal', 'confidential', 'restricted', 'secret'))
);

comment on table chart.staging_template is 'Validated records, one a raw row and kind of record. Validating one row twice violates a unique key';
comment on column chart.staging_template.staging_id is 'Key of the staged record';
comment on column chart.staging_template.batch_id is 'Batch of the raw row';
comment on column chart.staging_template.source_row is 'Position of the raw row in its batch';
comment on column chart.staging_template.record_kind is 'What the record describes, for sources whose rows hold several, for example flight';
comment on column chart.staging_template.raw_ingested_at is 'Partition key of the raw row, so that a join back prunes';
comment on column chart.staging_template.source_id is 'Source of the raw row';
comment on column chart.staging_template.run_id is 'Pipeline run that validated the row; null for rows staged by hand. No foreign key: runs are pruned earlier';
comment on column chart.staging_template.record is 'The record with cleaned names and types';
comment on column chart.staging_template.status is 'pending before validation, then valid or rejected';
comment on column chart.staging_template.rejection_reasons is 'Array of {rule, column, reason} for every rule that rejects the record; empty unless rejected';
comment on column chart.staging_template.quality_flags is 'Codes of rules that flag the record without rejecting it';
comment on column chart.staging_template.classification is 'Level that row-level security filters by';
comment on column chart.staging_template.checksum is 'public.atlas_record_checksum(record)';
comment on column chart.staging_template.created_at is 'When the record was staged';
comment on column chart.staging_template.validated_at is 'When validation decided; null while pending';
comment on column chart.staging_template.published_at is 'When the record was published to navigate; null before, and always for rejected records';

create index staging_source_idx on chart.staging_template (source_id, raw_ingested_at);
create index staging_run_idx on chart.staging_template (run_id, status) where run_id is not null;
create index staging_pending_idx on chart.staging_template (batch_id, source_row) where status = 'pending';
create index staging_rejected_idx on chart.staging_template (validated_at, source_id) where status = 'rejected';
create index staging_unpublished_idx on chart.staging_template (batch_id, source_row)
where status = 'valid' and published_at is null;

-- ---------------------------------------------------------------------------
-- navigate
-- ---------------------------------------------------------------------------

create table navigate.dimension_template (
  dimension_sk uuid primary key default public.atlas_uuid_v7(),
  dimension_name text not null,
  natural_key text not null,
  attributes jsonb not null,
  checksum text not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null default 'infinity',
  is_current boolean not null default true,
  version integer not null,
  source_id uuid,
  batch_id uuid,
  run_id uuid,
  classification text not null default 'internal',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dimension_source_fkey foreign key (source_id) references explore.source_systems (source_id),
  constraint dimension_name_check check (dimension_name ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint dimension_natural_key_check check (natural_key <> ''),
  constraint dimension_attributes_check check (jsonb_typeof(attributes) = 'object'),
  constraint dimension_checksum_check check (octet_length(checksum) = 64),
  constraint dimension_version_check check (version > 0),
  constraint dimension_validity_check check (valid_from < valid_to and isfinite(valid_from)),
  constraint dimension_current_check check (is_current = (valid_to = 'infinity')),
  constraint dimension_classification_check
    check (classification in ('public', 'internal', 'confidential', 'restricted', 'secret')),
  -- The hash decides nothing, it leads: GiST divides numbers well, and texts that begin alike five times slower.
  constraint dimension_validity_excl exclude using gist (
    hashtextextended(natural_key, 0) with =,
    natural_key with =,
    dimension_name with =,
    tstzrange(valid_from, valid_to) with &&
  )
);

comment on table navigate.dimension_template is 'Dimensions of SCD type 2: one row a version of a member. Written by navigate.apply_scd2';
comment on column navigate.dimension_template.dimension_sk is 'Surrogate key of the version; facts refer to it';
comment on column navigate.dimension_template.dimension_name is 'Dimension the member belongs to, for example airport';
comment on column navigate.dimension_template.natural_key is 'Key of the member in the business';
comment on column navigate.dimension_template.attributes is 'Attributes of the member in this version';
comment on column navigate.dimension_template.checksum is 'public.atlas_record_checksum(attributes): tells a change from a repetition';
comment on column navigate.dimension_template.valid_from is 'First instant at which the version holds';
comment on column navigate.dimension_template.valid_to is 'First instant at which it no longer holds; infinity while it is current';
comment on column navigate.dimension_template.is_current is 'Whether this is the version that holds now';
comment on column navigate.dimension_template.version is 'Number of the version in order of validity, from 1; late arrivals renumber those after them';
comment on column navigate.dimension_template.source_id is 'Source of the version; null when several sources were merged';
comment on column navigate.dimension_template.batch_id is 'Batch of the version; null for versions written by hand';
comment on column navigate.dimension_template.run_id is 'Pipeline run that wrote the version; null for versions written by hand. No foreign key: runs are pruned earlier';
comment on column navigate.dimension_template.classification is 'Level that row-level security filters by';
comment on column navigate.dimension_template.created_at is 'When the version was written';
comment on column navigate.dimension_template.updated_at is 'When the version was closed or corrected last';

create unique index dimension_current_key on navigate.dimension_template (dimension_name, natural_key) where is_current;
create unique index dimension_version_key on navigate.dimension_template (dimension_name, natural_key, valid_from);
create index dimension_source_idx on navigate.dimension_template (source_id);
create index dimension_batch_idx on navigate.dimension_template (batch_id);
create index dimension_attributes_idx on navigate.dimension_template using gin (attributes jsonb_path_ops);

create trigger touch_updated_at
before update on navigate.dimension_template
for each row execute function public.atlas_touch_updated_at();

create table navigate.fact_template (
  fact_id uuid not null default public.atlas_uuid_v7(),
  fact_name text not null,
  natural_key text not null,
  event_date date not null,
  event_at timestamptz,
  measures jsonb not null default '{}',
  dimensions jsonb not null default '{}',
  source_id uuid not null,
  batch_id uuid not null,
  source_row bigint not null,
  run_id uuid,
  classification text not null default 'internal',
  checksum text not null,
  published_at timestamptz not null default now(),
  constraint fact_pkey primary key (fact_name, natural_key, event_date),
  constraint fact_batch_row_key unique (batch_id, source_row, fact_name, event_date),
  constraint fact_source_fkey foreign key (source_id) references explore.source_systems (source_id),
  constraint fact_name_check check (fact_name ~ '^[a-z][a-z0-9_]{0,62}$'),
  constraint fact_natural_key_check check (natural_key <> ''),
  constraint fact_source_row_check check (source_row > 0),
  constraint fact_measures_check check (jsonb_typeof(measures) = 'object'),
  constraint fact_dimensions_check check (jsonb_typeof(dimensions) = 'object'),
  constraint fact_checksum_check check (octet_length(checksum) = 64),
  constraint fact_classification_check
    check (classification in ('public', 'internal', 'confidential', 'restricted', 'secret'))
) partition by range (event_date);

comment on table navigate.fact_template is 'Facts, partitioned by year. A fact of its own table is made from this one by navigate.create_fact_table. Publishing one batch row twice violates a unique key';
comment on column navigate.fact_template.fact_id is 'Identifier of the row for logs';
comment on column navigate.fact_template.fact_name is 'Kind of fact, for example flights';
comment on column navigate.fact_template.natural_key is 'Key of the event in the business; where it has none, the checksum of the record';
comment on column navigate.fact_template.event_date is 'Partition key: day of the event';
comment on column navigate.fact_template.event_at is 'Instant of the event; null where only the day is known';
comment on column navigate.fact_template.measures is 'What was measured, for example {"delay_minutes": 12}';
comment on column navigate.fact_template.dimensions is 'References to dimensions, for example {"origin": "ATL"}';
comment on column navigate.fact_template.source_id is 'Source of the record';
comment on column navigate.fact_template.batch_id is 'Batch of the record';
comment on column navigate.fact_template.source_row is 'Position of the record in its batch';
comment on column navigate.fact_template.run_id is 'Pipeline run that published the row; null for rows published by hand. No foreign key: runs are pruned earlier';
comment on column navigate.fact_template.classification is 'Level that row-level security filters by';
comment on column navigate.fact_template.checksum is 'public.atlas_record_checksum of the published record';
comment on column navigate.fact_template.published_at is 'When the row was published';

create index fact_source_idx on navigate.fact_template (source_id, event_date);
create index fact_event_idx on navigate.fact_template (event_date, fact_name);
create index fact_run_idx on navigate.fact_template (run_id) where run_id is not null;

create table navigate.fact_2024 partition of navigate.fact_template
for values from ('2024-01-01') to ('2025-01-01');
create table navigate.fact_2025 partition of navigate.fact_template
for values from ('2025-01-01') to ('2026-01-01');
create table navigate.fact_2026 partition of navigate.fact_template
for values from ('2026-01-01') to ('2027-01-01');
create table navigate.fact_2027 partition of navigate.fact_template
for values from ('2027-01-01') to ('2028-01-01');
create table navigate.fact_default partition of navigate.fact_template default;

create table navigate.dim_customer (
  customer_sk uuid primary key default public.atlas_uuid_v7(),
  customer_key text not null,
  full_name text,
  email text,
  phone text,
  birth_date date,
  street_address text,
  postal_code text,
  city text,
  country_code text,
  segment text not null default 'standard',
  credit_limit numeric(14, 2) not null default 0,
  currency_code text not null default 'EUR',
  checksum text not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null default 'infinity',
  is_current boolean not null default true,
  version integer not null,
  source_id uuid,
  batch_id uuid,
  run_id uuid,
  classification text not null default 'internal',
  erased_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint dim_customer_source_fkey foreign key (source_id) references explore.source_systems (source_id),
  constraint dim_customer_key_check check (customer_key <> ''),
  constraint dim_customer_country_check check (country_code ~ '^[A-Z]{2}$'),
  constraint dim_customer_currency_check check (currency_code ~ '^[A-Z]{3}$'),
  constraint dim_customer_credit_check check (credit_limit >= 0),
  constraint dim_customer_checksum_check check (octet_length(checksum) = 64),
  constraint dim_customer_version_check check (version > 0),
  constraint dim_customer_validity_check check (valid_from < valid_to and isfinite(valid_from)),
  constraint dim_customer_current_check check (is_current = (valid_to = 'infinity')),
  constraint dim_customer_erased_check check (
    erased_at is null
    or num_nonnulls(full_name, email, phone, birth_date, street_address, postal_code) = 0
  ),
  constraint dim_customer_classification_check
    check (classification in ('public', 'internal', 'confidential', 'restricted', 'secret')),
  constraint dim_customer_validity_excl exclude using gist (
    hashtextextended(customer_key, 0) with =,
    customer_key with =,
    tstzrange(valid_from, valid_to) with &&
  )
);

comment on table navigate.dim_customer is 'Customers, SCD type 2 with typed columns. Holds personal data: readers use navigate.dim_customer_masked';
comment on column navigate.dim_customer.customer_sk is 'Surrogate key of the version';
comment on column navigate.dim_customer.customer_key is 'Key of the customer in the business';
comment on column navigate.dim_customer.full_name is 'Personal: full name; null when unknown or erased';
comment on column navigate.dim_customer.email is 'Personal: e-mail address; null when unknown or erased';
comment on column navigate.dim_customer.phone is 'Personal: telephone number; null when unknown or erased';
comment on column navigate.dim_customer.birth_date is 'Personal: date of birth; null when unknown or erased';
comment on column navigate.dim_customer.street_address is 'Personal: street and house number; null when unknown or erased';
comment on column navigate.dim_customer.postal_code is 'Personal: postal code; null when unknown or erased';
comment on column navigate.dim_customer.city is 'City; null when unknown';
comment on column navigate.dim_customer.country_code is 'Country, ISO 3166-1 alpha-2; null when unknown';
comment on column navigate.dim_customer.segment is 'Segment of the customer';
comment on column navigate.dim_customer.credit_limit is 'Credit limit in the customer''s currency';
comment on column navigate.dim_customer.currency_code is 'Currency, ISO 4217';
comment on column navigate.dim_customer.checksum is 'Checksum of the attributes: tells a change from a repetition';
comment on column navigate.dim_customer.valid_from is 'First instant at which the version holds';
comment on column navigate.dim_customer.valid_to is 'First instant at which it no longer holds; infinity while it is current';
comment on column navigate.dim_customer.is_current is 'Whether this is the version that holds now';
comment on column navigate.dim_customer.version is 'Number of the version in order of validity, from 1';
comment on column navigate.dim_customer.source_id is 'Source of the version; null when several sources were merged';
comment on column navigate.dim_customer.batch_id is 'Batch of the version; null for versions written by hand';
comment on column navigate.dim_customer.run_id is 'Pipeline run that wrote the version; null for versions written by hand';
comment on column navigate.dim_customer.classification is 'Level that row-level security filters by; personal columns are masked at every level';
comment on column navigate.dim_customer.erased_at is 'When a subject request erased the personal columns; null otherwise';
comment on column navigate.dim_customer.created_at is 'When the version was written';
comment on column navigate.dim_customer.updated_at is 'When the version was closed, corrected or erased last';

create unique index dim_customer_current_key on navigate.dim_customer (customer_key) where is_current;
create unique index dim_customer_version_key on navigate.dim_customer (customer_key, valid_from);
create index dim_customer_email_idx on navigate.dim_customer (lower(email)) where email is not null;
create index dim_customer_source_idx on navigate.dim_customer (source_id);
create index dim_customer_segment_idx on navigate.dim_customer (segment) where is_current;

create trigger touch_updated_at
before update on navigate.dim_customer
for each row execute function public.atlas_touch_updated_at();

-- ---------------------------------------------------------------------------
-- archive
-- ---------------------------------------------------------------------------

create table archive.snapshot_manifest (
  snapshot_id uuid primary key default public.atlas_uuid_v7(),
  schema_name text not null,
  table_name text not null,
  partition_name text,
  range_from timestamptz,
  range_to timestamptz,
  state text not null default 'detached',
  object_uri text,
  format text not null default 'jsonl',
  compression text not null default 'none',
  row_count bigint,
  size_bytes bigint,
  checksum text,
  content_checksum text,
  classification text not null default 'internal',
  retention_until timestamptz,
  details jsonb not null default '{}',
  run_id uuid,
  created_by text not null default session_user,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  verified_at timestamptz,
  restored_at timestamptz,
  restored_to text,
  error jsonb,
  constraint snapshot_state_check
    check (state in ('detached', 'writing', 'written', 'verified', 'restored', 'dropped', 'failed')),
  constraint snapshot_format_check check (format in ('parquet', 'csv', 'jsonl', 'table')),
  constraint snapshot_compression_check check (compression in ('none', 'gzip', 'zstd')),
  constraint snapshot_range_check check (range_from < range_to),
  constraint snapshot_row_count_check check (row_count >= 0),
  constraint snapshot_size_check check (size_bytes >= 0),
  constraint snapshot_checksum_check check (octet_length(checksum) = 64),
  constraint snapshot_written_check check (
    state not in ('written', 'verified')
    or num_nulls(object_uri, row_count, size_bytes, checksum) = 0
  ),
  constraint snapshot_verified_check check (state <> 'verified' or verified_at is not null),
  constraint snapshot_restored_check check ((restored_at is null) = (restored_to is null)),
  constraint snapshot_failed_check check (state <> 'failed' or error is not null),
  constraint snapshot_classification_check
    check (classification in ('public', 'internal', 'confidential', 'restricted', 'secret'))
);

comment on table archive.snapshot_manifest is 'One row a piece of a table that left the database, or is about to: what it was, where it lies, how to check it, whether it came back';
comment on column archive.snapshot_manifest.snapshot_id is 'Key of the snapshot';
comment on column archive.snapshot_manifest.schema_name is 'Schema of the table';
comment on column archive.snapshot_manifest.table_name is 'Table, for a partition its parent';
comment on column archive.snapshot_manifest.partition_name is 'Partition; null when the whole table was taken';
comment on column archive.snapshot_manifest.range_from is 'First instant of the rows; null when the table has no time range';
comment on column archive.snapshot_manifest.range_to is 'First instant after the rows; null when the table has no time range';
comment on column archive.snapshot_manifest.state is 'detached, writing, written, verified, restored, dropped or failed';
comment on column archive.snapshot_manifest.object_uri is 'Where the snapshot lies, for example s3://atlas-archive/...; null until it is written';
comment on column archive.snapshot_manifest.format is 'Format of the object: parquet, csv, jsonl or table for a detached table kept in schema archive';
comment on column archive.snapshot_manifest.compression is 'Compression of the object: none, gzip or zstd';
comment on column archive.snapshot_manifest.row_count is 'Rows in the snapshot; null until counted';
comment on column archive.snapshot_manifest.size_bytes is 'Size of the object; null until written';
comment on column archive.snapshot_manifest.checksum is 'SHA-256 of the object; null until written';
comment on column archive.snapshot_manifest.content_checksum is 'Checksum of the rows, independent of order and format; null until counted';
comment on column archive.snapshot_manifest.classification is 'Highest level among the rows';
comment on column archive.snapshot_manifest.retention_until is 'When the snapshot may be destroyed; null means never';
comment on column archive.snapshot_manifest.details is 'What else is needed to restore or check it: columns, last link of an audit chain';
comment on column archive.snapshot_manifest.run_id is 'Pipeline run that made the snapshot; null when made by hand';
comment on column archive.snapshot_manifest.created_by is 'Database user who made the snapshot';
comment on column archive.snapshot_manifest.created_at is 'When the snapshot was begun';
comment on column archive.snapshot_manifest.updated_at is 'When the entry changed last';
comment on column archive.snapshot_manifest.verified_at is 'When the object was read back and matched; null before';
comment on column archive.snapshot_manifest.restored_at is 'When the rows were restored; null if never';
comment on column archive.snapshot_manifest.restored_to is 'Table into which they were restored; null if never';
comment on column archive.snapshot_manifest.error is 'Why writing or checking failed; null otherwise';

create unique index snapshot_object_key on archive.snapshot_manifest (object_uri) where object_uri is not null;
create unique index snapshot_open_key on archive.snapshot_manifest (schema_name, partition_name)
where partition_name is not null and state in ('detached', 'writing');
create index snapshot_table_idx on archive.snapshot_manifest (schema_name, table_name, range_from);
create index snapshot_run_idx on archive.snapshot_manifest (run_id) where run_id is not null;
create index snapshot_retention_idx on archive.snapshot_manifest (retention_until) where retention_until is not null;

create trigger touch_updated_at
before update on archive.snapshot_manifest
for each row execute function public.atlas_touch_updated_at();

-- ---------------------------------------------------------------------------
-- Partitions
-- ---------------------------------------------------------------------------

create function public.atlas_partition_bounds(parent regclass)
returns table (partition regclass, range_from timestamptz, range_to timestamptz, is_default boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
  select
    c.oid::regclass,
    case
      when b.bound <> 'DEFAULT' then
        coalesce(substring(b.bound from 'FROM \(''([^'']+)''\)')::timestamptz, '-infinity')
    end,
    case
      when b.bound <> 'DEFAULT' then
        coalesce(substring(b.bound from 'TO \(''([^'']+)''\)')::timestamptz, 'infinity')
    end,
    b.bound = 'DEFAULT'
  from pg_inherits i
  join pg_class c on c.oid = i.inhrelid
  cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as bound) b
  where i.inhparent = parent
  order by 2 nulls last
$$;

comment on function public.atlas_partition_bounds(regclass) is
  'Partitions of a table that is partitioned by one date or time column, with their bounds in UTC';

-- A period is monthly, quarterly or yearly, as the newest partitions of the table are.
create function public.atlas_partition_step(parent regclass)
returns interval
language sql
stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
  select s.step
  from public.atlas_partition_bounds(parent) b
  join (values (interval '1 month'), (interval '3 months'), (interval '1 year')) s (step)
    on b.range_to = b.range_from + s.step
  where isfinite(b.range_from)
    and isfinite(b.range_to)
  order by b.range_from desc
  limit 1
$$;

comment on function public.atlas_partition_step(regclass) is
  'Length of the periods of a partitioned table: 1 month, 3 months or 1 year; null when it has no partition to learn from';

create function public.atlas_secure_partition(partition regclass, parent regclass)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  item record;
begin
  if (select relrowsecurity from pg_class where oid = parent) then
    execute format('alter table %s enable row level security', partition);
  end if;
  for item in
    select
      p.polname,
      p.polpermissive,
      case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end
        as command,
      (
        select string_agg(case r.oid when 0 then 'public' else quote_ident(a.rolname) end, ', ')
        from unnest(p.polroles) r (oid)
        left join pg_roles a on a.oid = r.oid
      ) as roles,
      pg_get_expr(p.polqual, p.polrelid) as visible,
      pg_get_expr(p.polwithcheck, p.polrelid) as writable
    from pg_policy p
    where p.polrelid = parent
  loop
    execute format('drop policy if exists %I on %s', item.polname, partition);
    execute format(
      'create policy %I on %s as %s for %s to %s %s %s',
      item.polname,
      partition,
      case when item.polpermissive then 'permissive' else 'restrictive' end,
      item.command,
      item.roles,
      'using (' || item.visible || ')',
      'with check (' || item.writable || ')'
    );
  end loop;
  -- Triggers on rows are inherited, those on truncate are not.
  for item in
    select t.tgname, t.tgfoid::regproc as routine
    from pg_trigger t
    where t.tgrelid = parent
      and not t.tgisinternal
      and t.tgtype & 32 > 0
      and t.tgtype & 2 > 0
  loop
    execute format('drop trigger if exists %I on %s', item.tgname, partition);
    execute format(
      'create trigger %I before truncate on %s for each statement execute function %s()',
      item.tgname,
      partition,
      item.routine
    );
    execute format('alter table %s enable always trigger %I', partition, item.tgname);
  end loop;
end
$$;

comment on function public.atlas_secure_partition(regclass, regclass) is
  'Gives a partition what it does not inherit: the row-level policies of its parent and its guards against truncate';

create function public.atlas_add_partition(parent regclass, step interval, range_from timestamptz)
returns table (partition text, rows_moved bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  range_to timestamptz := range_from + step;
  parent_schema text;
  parent_name text;
  key_column text;
  key_type regtype;
  spare regclass;
  guard record;
  guards text[] := '{}';
  target text;
begin
  select n.nspname, c.relname, a.attname, a.atttypid::regtype, nullif(p.partdefid, 0)::regclass
  into parent_schema, parent_name, key_column, key_type, spare
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_partitioned_table p on p.partrelid = c.oid
  join pg_attribute a on a.attrelid = c.oid and a.attnum = p.partattrs[0]
  where c.oid = parent;

  target := format(
    '%I.%I',
    parent_schema,
    regexp_replace(parent_name, '_template$', '') || '_' || to_char(
      range_from,
      case step when interval '1 month' then 'YYYY_MM' when interval '3 months' then 'YYYY_"q"Q' else 'YYYY' end
    )
  );
  execute format(
    'create table %s (like %s including defaults including constraints including generated '
    'including storage including compression including comments)',
    target,
    parent
  );
  rows_moved := 0;
  if spare is not null then
    -- Nothing may enter the default partition between moving its rows and attaching the new one.
    execute format('lock table %s in access exclusive mode', spare);
    execute format('select count(*) from %s where %2$I >= %3$L and %2$I < %4$L', spare, key_column, range_from, range_to)
    into rows_moved;
    if rows_moved > 0 then
      -- The audit log refuses every delete; moving a row changes nothing of it.
      for guard in
        select t.tgname, t.tgenabled
        from pg_trigger t
        where t.tgrelid = spare
          and not t.tgisinternal
          and t.tgenabled <> 'D'
          and t.tgtype & 1 > 0
          and t.tgtype & 8 > 0
      loop
        execute format('alter table %s disable trigger %I', spare, guard.tgname);
        guards := guards || format(
          'alter table %s enable %s trigger %I',
          spare,
          case guard.tgenabled when 'A' then 'always' when 'R' then 'replica' else '' end,
          guard.tgname
        );
      end loop;
      execute format(
        'with moved as (delete from %1$s where %2$I >= %3$L and %2$I < %4$L returning *) insert into %5$s select * from moved',
        spare,
        key_column,
        range_from,
        range_to,
        target
      );
      for guard in select g.statement from unnest(guards) g (statement) loop
        execute guard.statement;
      end loop;
    end if;
  end if;
  execute format(
    'alter table %s attach partition %s for values from (%L) to (%L)',
    parent,
    target,
    case when key_type = 'date'::regtype then range_from::date::text else range_from::text end,
    case when key_type = 'date'::regtype then range_to::date::text else range_to::text end
  );
  execute format('comment on table %s is %L', target, format('Partition of %s from %s to %s', parent, range_from::date, range_to::date));
  perform public.atlas_secure_partition(target::regclass, parent);
  partition := target;
  return next;
end
$$;

comment on function public.atlas_add_partition(regclass, interval, timestamptz) is
  'Makes one partition, moves its rows out of the default partition and attaches it. Called by atlas_ensure_partitions';

create function public.atlas_ensure_partitions(parent regclass, range_from timestamptz, range_to timestamptz)
returns table (partition text, partition_from timestamptz, partition_to timestamptz, rows_moved bigint)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
#variable_conflict use_column
declare
  step interval;
  unit text;
  missing timestamptz[];
  starts_at timestamptz;
begin
  if not exists (
    select
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_partitioned_table p on p.partrelid = c.oid
    where c.oid = parent
      and n.nspname in ('explore', 'chart', 'navigate', 'pipeline', 'quality', 'compliance', 'archive')
      and p.partstrat = 'r'
      and p.partnatts = 1
  ) then
    raise exception '% is not a table of the platform partitioned by range', parent using errcode = 'wrong_object_type';
  end if;
  step := public.atlas_partition_step(parent);
  if step is null then
    raise exception '% has no monthly, quarterly or yearly partition to continue', parent
      using errcode = 'object_not_in_prerequisite_state';
  end if;
  if range_from is null or range_to is null or range_to < range_from or range_to - range_from > interval '100 years' then
    raise exception 'range % to % is empty or longer than 100 years', range_from, range_to
      using errcode = 'invalid_parameter_value';
  end if;
  unit := case step when interval '1 month' then 'month' when interval '3 months' then 'quarter' else 'year' end;

  -- Looked at twice: most calls find nothing missing and need no lock.
  for attempt in 1..2 loop
    select coalesce(array_agg(g.starts_at order by g.starts_at), '{}')
    into missing
    from generate_series(date_trunc(unit, range_from), range_to, step) g (starts_at)
    where not exists (
      select
      from public.atlas_partition_bounds(parent) b
      where b.range_from < g.starts_at + step
        and b.range_to > g.starts_at
    );
    exit when missing = '{}';
    if attempt = 1 then
      perform pg_advisory_xact_lock(hashtextextended('atlas_ensure_partitions', parent::oid::bigint));
    end if;
  end loop;

  foreach starts_at in array missing loop
    partition_from := starts_at;
    partition_to := starts_at + step;
    select p.partition, p.rows_moved into partition, rows_moved
    from public.atlas_add_partition(parent, step, starts_at) p;
    return next;
  end loop;
end
$$;

comment on function public.atlas_ensure_partitions(regclass, timestamptz, timestamptz) is
  'Makes the partitions that are missing between two instants, both included, and moves their rows out of the default '
  'partition. Returns those it made. Two callers at once are safe. Call it before the transaction writes to the table';

create function public.atlas_ensure_partitions(parent regclass, horizon interval default '3 months')
returns table (partition text, partition_from timestamptz, partition_to timestamptz, rows_moved bigint)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select * from public.atlas_ensure_partitions(parent, now(), now() + horizon)
$$;

comment on function public.atlas_ensure_partitions(regclass, interval) is
  'Makes the partitions that are missing from now to a horizon';

create function public.atlas_ensure_all_partitions(horizon interval default '3 months')
returns table (parent text, partition text, partition_from timestamptz, partition_to timestamptz, rows_moved bigint)
language sql
set search_path = pg_catalog, pg_temp
as $$
  select c.oid::regclass::text, e.*
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_partitioned_table p on p.partrelid = c.oid
  cross join lateral public.atlas_ensure_partitions(c.oid::regclass, horizon) e
  where n.nspname in ('explore', 'chart', 'navigate', 'pipeline', 'quality', 'compliance', 'archive')
    and not c.relispartition
    and p.partstrat = 'r'
    and p.partnatts = 1
    and public.atlas_partition_step(c.oid::regclass) is not null
$$;

comment on function public.atlas_ensure_all_partitions(interval) is
  'Makes the partitions that are missing from now to a horizon, of every partitioned table. Called at deploy, at landing and by the app';

-- ---------------------------------------------------------------------------
-- Facts and dimensions
-- ---------------------------------------------------------------------------

create function navigate.create_fact_table(name text, from_year integer, to_year integer)
returns regclass
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  target text := format('navigate.%I', 'fact_' || name);
  fact regclass;
  granted record;
begin
  if name !~ '^[a-z][a-z0-9_]{0,40}$' or name ~ '^[0-9]{4}$' or name in ('template', 'default') then
    raise exception '"%" is no name for a fact', name using errcode = 'invalid_name';
  end if;
  if from_year is null or to_year is null or from_year > to_year or from_year < 1900 or to_year > 2200 then
    raise exception 'years % to % are not a range within 1900 to 2200', from_year, to_year
      using errcode = 'invalid_parameter_value';
  end if;
  perform pg_advisory_xact_lock(hashtextextended('atlas_create_fact_table', 0));
  fact := to_regclass(target);
  if fact is null then
    execute format(
      'create table %s (like navigate.fact_template including all) partition by range (event_date)',
      target
    );
    fact := target::regclass;
    execute format('alter table %s alter column fact_name set default %L', fact, name);
    execute format('alter table %s add constraint fact_table_check check (fact_name = %L)', fact, name);
    execute format(
      'alter table %s add constraint fact_source_fkey foreign key (source_id) references explore.source_systems (source_id)',
      fact
    );
    execute format('comment on table %s is %L', fact, format('Facts of kind %s, partitioned by year', name));
    -- The table itself is read by grants, its partitions by none.
    for granted in
      select r.rolname, acl.privilege_type
      from pg_class c
      cross join aclexplode(c.relacl) acl
      join pg_roles r on r.oid = acl.grantee
      where c.oid = 'navigate.fact_template'::regclass
        and acl.grantee <> c.relowner
    loop
      execute format('grant %s on %s to %I', granted.privilege_type, fact, granted.rolname);
    end loop;
    perform public.atlas_secure_partition(fact, 'navigate.fact_template');
    execute format('create table navigate.%I partition of %s default', 'fact_' || name || '_default', fact);
    execute format('comment on table navigate.%I is %L', 'fact_' || name || '_default', format('Rows of %s outside its years', fact));
    perform public.atlas_secure_partition(format('navigate.%I', 'fact_' || name || '_default')::regclass, fact);
    perform public.atlas_add_partition(fact, interval '1 year', make_timestamptz(from_year, 1, 1, 0, 0, 0, 'UTC'));
  end if;
  perform public.atlas_ensure_partitions(
    fact,
    make_timestamptz(from_year, 1, 1, 0, 0, 0, 'UTC'),
    make_timestamptz(to_year, 1, 1, 0, 0, 0, 'UTC')
  );
  return fact;
end
$$;

comment on function navigate.create_fact_table(text, integer, integer) is
  'Makes navigate.fact_<name> from the template, with columns, keys, policies and grants, its default partition and one '
  'partition a year; where it exists already, only the missing years. Returns the table';

-- The history of every key that the changes touch is laid out anew as a list of points in time: where
-- versions start, where the key ends, and what the changes say. What then differs from the stored rows
-- is deleted, corrected and inserted, in this order, so that no constraint is broken on the way.
create function navigate.apply_scd2(dimension text, changes regclass, classification text default 'internal')
returns table (
  inserted bigint,
  changed bigint,
  unchanged bigint,
  closed bigint,
  late bigint,
  superseded bigint
)
language plpgsql
as $$
declare
  is_customer constant boolean := dimension = 'customer';
  target constant text := case when is_customer then 'navigate.dim_customer' else 'navigate.dimension_template' end;
  sk constant text := case when is_customer then 'customer_sk' else 'dimension_sk' end;
  key constant text := case when is_customer then 'customer_key' else 'natural_key' end;
  this constant text := case when is_customer then 'true' else format('dimension_name = %L', dimension) end;
  typed constant text :=
    'full_name, email, phone, birth_date, street_address, postal_code, city, country_code, segment, credit_limit, currency_code';
  typed_values constant text :=
    'a.full_name, a.email, a.phone, a.birth_date, a.street_address, a.postal_code, a.city, a.country_code, '
    'coalesce(a.segment, ''standard''), coalesce(a.credit_limit, 0), coalesce(a.currency_code, ''EUR'')';
  given text;
  bad bigint;
begin
  if dimension is null or dimension !~ '^[a-z][a-z0-9_]{0,62}$' then
    raise exception '"%" is no name for a dimension', dimension using errcode = 'invalid_name';
  end if;
  -- Columns that a caller may leave out.
  select string_agg(
    case when a.attname is null then format('null::%s as %I', c.type, c.name) else format('c.%I::%s', c.name, c.type) end,
    ', '
    order by c.name
  )
  into given
  from (
    values
      ('natural_key', 'text'), ('attributes', 'jsonb'), ('valid_from', 'timestamptz'), ('is_deleted', 'boolean'),
      ('change_order', 'bigint'), ('source_id', 'uuid'), ('batch_id', 'uuid'), ('run_id', 'uuid')
  ) c (name, type)
  left join pg_catalog.pg_attribute a
    on a.attrelid = changes and a.attname = c.name and a.attnum > 0 and not a.attisdropped;

  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('atlas_apply_scd2 ' || dimension, 0));
  drop table if exists pg_temp.scd2_change, pg_temp.scd2_plan;

  execute format(
    $sql$
    create temporary table scd2_change on commit drop as
    select
      c.natural_key,
      c.valid_from,
      coalesce(c.is_deleted, false) as is_deleted,
      c.attributes,
      case when not coalesce(c.is_deleted, false) then public.atlas_record_checksum(c.attributes) end as checksum,
      c.source_id,
      c.batch_id,
      c.run_id,
      row_number() over (
        partition by c.natural_key, c.valid_from
        order by c.change_order desc nulls last
      ) as repetition
    from (select %s from %s c) c
    $sql$,
    given,
    changes
  );
  select count(*) into bad
  from pg_temp.scd2_change c
  where c.natural_key is null
    or c.natural_key = ''
    or c.valid_from is null
    or not isfinite(c.valid_from)
    or (not c.is_deleted and c.attributes is null);
  if bad > 0 then
    raise exception '% changes lack natural_key, valid_from or attributes', bad using errcode = 'not_null_violation';
  end if;

  execute format(
    $sql$
    create temporary table scd2_plan on commit drop as
    with keys as (
      select distinct natural_key from pg_temp.scd2_change
    ),
    stored as (
      select t.%1$I as sk, t.%2$I as natural_key, t.valid_from, t.valid_to, t.version, t.checksum
      from %3$s t
      join keys k on k.natural_key = t.%2$I
      where %4$s
    ),
    stored_points as (
      select natural_key, valid_from as at, sk, valid_to, version, checksum
      from stored
      union all
      select s.natural_key, s.valid_to, null, null, null, null
      from stored s
      where isfinite(s.valid_to)
        and not exists (select from stored n where n.natural_key = s.natural_key and n.valid_from = s.valid_to)
    ),
    points as (
      select
        natural_key,
        at,
        p.sk,
        p.valid_to as old_valid_to,
        p.version as old_version,
        p.checksum as old_checksum,
        c.natural_key is not null as is_change,
        case when c.natural_key is null then p.checksum else c.checksum end as checksum,
        c.attributes,
        c.source_id,
        c.batch_id,
        c.run_id
      from stored_points p
      full join (
        select natural_key, valid_from as at, attributes, checksum, source_id, batch_id, run_id
        from pg_temp.scd2_change
        where repetition = 1
      ) c using (natural_key, at)
    ),
    compared as (
      select
        p.*,
        p.is_change
        and p.sk is null
        and p.checksum is not distinct from lag(p.checksum) over timeline as is_redundant,
        bool_or(p.sk is not null) over later as is_late,
        bool_or(p.sk is not null) over (partition by p.natural_key) as is_known
      from points p
      window
        timeline as (partition by p.natural_key order by p.at),
        later as (partition by p.natural_key order by p.at rows between 1 following and unbounded following)
    ),
    kept as (
      select
        c.*,
        lead(c.at, 1, 'infinity') over timeline as valid_to,
        count(*) filter (where c.checksum is not null) over timeline as version
      from compared c
      where not c.is_redundant
      window timeline as (partition by c.natural_key order by c.at)
    )
    select
      natural_key, at, sk, valid_to, version::integer, checksum, attributes, source_id, batch_id, run_id,
      case
        when sk is null and checksum is not null then 'insert'
        when sk is not null and checksum is null then 'delete'
        when sk is not null and checksum <> old_checksum then 'correct'
        when sk is not null and (valid_to <> old_valid_to or version <> old_version) then 'bound'
        else 'keep'
      end as action,
      case
        when not is_change then null
        when checksum is null then 'closed'
        when checksum = old_checksum then 'unchanged'
        when is_late then 'late'
        when not is_known and version = 1 then 'inserted'
        else 'changed'
      end as outcome
    from kept
    union all
    select natural_key, at, null, null, null, null, null, null, null, null, 'keep', 'unchanged'
    from compared
    where is_redundant
    $sql$,
    sk,
    key,
    target,
    this
  );

  execute format(
    'delete from %s t using pg_temp.scd2_plan p where p.action = ''delete'' and t.%I = p.sk',
    target,
    sk
  );
  execute format(
    $sql$
    update %s t
    set valid_to = p.valid_to, is_current = (p.valid_to = 'infinity'), version = p.version
    from pg_temp.scd2_plan p
    where p.action in ('bound', 'correct')
      and t.%I = p.sk
    $sql$,
    target,
    sk
  );
  if is_customer then
    execute format(
      $sql$
      update navigate.dim_customer t
      set (%s, checksum, source_id, batch_id, run_id, erased_at) =
        (select %s, p.checksum, p.source_id, p.batch_id, p.run_id, null::timestamptz)
      from pg_temp.scd2_plan p
      cross join lateral jsonb_populate_record(null::navigate.dim_customer, p.attributes) a
      where p.action = 'correct'
        and t.customer_sk = p.sk
      $sql$,
      typed,
      typed_values
    );
    execute format(
      $sql$
      insert into navigate.dim_customer
        (customer_key, %s, checksum, valid_from, valid_to, is_current, version, source_id, batch_id, run_id, classification)
      select
        p.natural_key, %s, p.checksum, p.at, p.valid_to, p.valid_to = 'infinity', p.version,
        p.source_id, p.batch_id, p.run_id, $1
      from pg_temp.scd2_plan p
      cross join lateral jsonb_populate_record(null::navigate.dim_customer, p.attributes) a
      where p.action = 'insert'
      $sql$,
      typed,
      typed_values
    )
    using classification;
  else
    execute
      $sql$
      update navigate.dimension_template t
      set attributes = p.attributes, checksum = p.checksum, source_id = p.source_id, batch_id = p.batch_id, run_id = p.run_id
      from pg_temp.scd2_plan p
      where p.action = 'correct'
        and t.dimension_sk = p.sk
      $sql$;
    execute
      $sql$
      insert into navigate.dimension_template
        (dimension_name, natural_key, attributes, checksum, valid_from, valid_to, is_current, version, source_id, batch_id,
        run_id, classification)
      select
        $1, p.natural_key, p.attributes, p.checksum, p.at, p.valid_to, p.valid_to = 'infinity', p.version, p.source_id,
        p.batch_id, p.run_id, $2
      from pg_temp.scd2_plan p
      where p.action = 'insert'
      $sql$
      using dimension, classification;
  end if;

  return query
  select
    count(*) filter (where p.outcome = 'inserted'),
    count(*) filter (where p.outcome = 'changed'),
    count(*) filter (where p.outcome = 'unchanged'),
    count(*) filter (where p.outcome = 'closed'),
    count(*) filter (where p.outcome = 'late'),
    (select count(*) from pg_temp.scd2_change c where c.repetition > 1)
  from pg_temp.scd2_plan p;
end
$$;

comment on function navigate.apply_scd2(text, regclass, text) is
  'Applies changes to a dimension, all in one statement. changes is a table, view or temporary table with columns '
  'natural_key text, attributes jsonb, valid_from timestamptz, and optionally is_deleted boolean, change_order bigint, '
  'source_id, batch_id, run_id uuid. A change closes the version in force at valid_from and starts one that holds until the '
  'next known version; the same attributes as in force change nothing; is_deleted ends the key at valid_from; a change at the '
  'very start of a version corrects it in place; of several changes of a key at one instant the highest change_order counts. '
  'Dimension customer is written to navigate.dim_customer (attributes named as its columns), all others to '
  'navigate.dimension_template. Returns how many changes were: inserted (new key), changed, unchanged, closed, late (older '
  'than a version already known) and superseded (another change of the same instant counted); they add up to all changes. '
  'Callers wait for each other by dimension';
