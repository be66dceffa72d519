/** Tables that show every kind of picture and most findings: ranges with a gap and rows in default, lists, hashes, levels, many. */
export const partitionedTables = `
  create schema if not exists demo;
  create table demo.events (id bigint generated always as identity, at timestamptz not null, v text, primary key (id, at))
    partition by range (at);
  do $$ declare m date; begin
    for m in select generate_series(date_trunc('month', now()) - interval '8 months', date_trunc('month', now()) + interval '1 month', '1 month') loop
      continue when m = date_trunc('month', now()) - interval '3 months';
      execute format('create table demo.events_%s partition of demo.events for values from (%L) to (%L)',
        to_char(m, 'YYYY_MM'), to_char(m, 'YYYY-MM-DD 00:00:00+00'), to_char(m + interval '1 month', 'YYYY-MM-DD 00:00:00+00'));
    end loop;
  end $$;
  create table demo.events_default partition of demo.events default;
  insert into demo.events (at, v)
    select now() - g * g * interval '2 seconds' - g * interval '10 minutes', repeat('x', g % 60) from generate_series(1, 3000) g;
  create index events_v_idx on only demo.events (v);
  create table demo.countries (code text not null, n int) partition by list (code);
  create table demo.countries_dach partition of demo.countries for values in ('DE', 'AT', 'CH');
  create table demo.countries_iberia partition of demo.countries for values in ('ES', 'PT');
  create table demo.countries_nordic partition of demo.countries for values in ('SE', 'NO', 'DK', 'FI', 'IS');
  create table demo.countries_rest partition of demo.countries default;
  insert into demo.countries select (array['DE','DE','AT','CH','ES','SE','NO','FI','PT','DE'])[1 + g % 10], g from generate_series(1, 5000) g;
  create table demo.shards (k bigint not null) partition by hash (k);
  do $$ begin for i in 0..7 loop
    execute format('create table demo.shards_%s partition of demo.shards for values with (modulus 8, remainder %s)', i, i);
  end loop; end $$;
  insert into demo.shards select g * g from generate_series(1, 4000) g;
  create table demo.tenants (tenant text not null, at date not null) partition by list (tenant);
  create table demo.tenants_acme partition of demo.tenants for values in ('acme') partition by range (at);
  create table demo.tenants_globex partition of demo.tenants for values in ('globex') partition by range (at);
  do $$ declare t text; y int; begin
    foreach t in array array['acme', 'globex'] loop for y in 2023..2027 loop
      execute format('create table demo.tenants_%s_%s partition of demo.tenants_%s for values from (%L) to (%L)', t, y, t, y || '-01-01', (y + 1) || '-01-01');
    end loop; end loop;
  end $$;
  insert into demo.tenants select (array['acme','globex','acme'])[1 + g % 3], date '2023-01-01' + g % 1400 from generate_series(1, 6000) g;
  create table demo.days (d date not null) partition by range (d);
  do $$ begin for i in 0..399 loop
    execute format('create table demo.days_%s partition of demo.days for values from (%L) to (%L)',
      to_char(current_date - 370 + i, 'YYYYMMDD'), current_date - 370 + i, current_date - 369 + i);
  end loop; end $$;
  insert into demo.days select current_date - (g % 370) from generate_series(1, 20000) g;
  analyze demo.events; analyze demo.countries; analyze demo.shards; analyze demo.tenants; analyze demo.days`

/**
 * `demo.readings` by month, with every state that a partition can have: half a year is kept, so that the oldest are due;
 * two months are missing, one of them to come; {@link leaveReadingsPending} leaves one half detached.
 */
export const partitionStates = `
  create schema if not exists demo;
  create table demo.readings (at timestamptz not null, v int) partition by range (at);
  do $$ declare m timestamp; begin
    for m in select generate_series(-9, 5) * interval '1 month' + date_trunc('month', now() at time zone 'UTC') loop
      continue when m in (date_trunc('month', now() at time zone 'UTC') - interval '2 months',
                          date_trunc('month', now() at time zone 'UTC') + interval '2 months');
      execute format('create table demo.readings_%s partition of demo.readings for values from (%L) to (%L)',
        to_char(m, 'YYYY_MM'), m || '+00', m + interval '1 month' || '+00');
    end loop;
  end $$;
  insert into demo.readings select at, extract(day from at) from generate_series(
    date_trunc('month', now()) - interval '9 months', date_trunc('month', now()) - interval '2 months 1 day', interval '47 minutes') at
    where extract(hour from at) < 20 - extract(month from at);
  insert into demo.readings select at, 1 from generate_series(date_trunc('month', now()), now(), interval '61 minutes') at;
  analyze demo.readings`

/** Keeps readings for half a year, where the platform is deployed. */
export const readingsPolicy = `
  insert into compliance.retention_policies (name, schema_name, table_name, keep, time_column, action, basis)
  values ('Readings', 'demo', 'readings', '6 months', 'at', 'detach', 'demo')`
