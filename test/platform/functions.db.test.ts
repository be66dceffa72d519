import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

async function value<T>(text: string, values: unknown[] = []): Promise<T> {
  const { rows } = await database.client.query({ text, values, rowMode: 'array' })
  return rows[0]?.[0] as T
}

describe('record checksum', () => {
  const checksum = (json: string | null) =>
    value<string | null>('select public.atlas_record_checksum($1::jsonb)', [json])

  test.each([
    ['the order of keys', '{"a": 1, "b": {"c": 2, "d": 3}}', '{"b": {"d": 3, "c": 2}, "a": 1}'],
    ['white space', '{"a":[1,2]}', '{ "a" :\n[ 1 , 2 ] }'],
    ['zeros after the point', '{"a": 1}', '{"a": 1.0}'],
    ['an exponent', '{"a": 1}', '{"a": 1e0}'],
    ['a large exponent', '{"a": 1000}', '{"a": 1e3}'],
    ['zeros in an array in an object', '{"a": [{"b": 1.5}, 2]}', '{"a": [{"b": 1.500}, 2.00]}'],
    ['a bare number', '0', '0.0'],
    ['a number of many digits', '{"a": 12345678901234567890.1}', '{"a": 12345678901234567890.10}'],
    ['a negative number', '{"a": -1.5}', '{"a": -15e-1}'],
    ['an escape', '{"a": "é"}', '{"a": "\\u00e9"}'],
  ])('%s does not change it', async (_what, one, other) => {
    expect(await checksum(one)).toBe(await checksum(other))
  })

  test.each([
    ['a number and its text', '{"a": 1}', '{"a": "1"}'],
    ['texts that look like a number with zeros', '{"a": "1.0"}', '{"a": "1"}'],
    ['null and nothing', '{"a": null}', '{}'],
    ['the order of an array', '[1, 2]', '[2, 1]'],
    ['ten and one', '{"a": 10}', '{"a": 1}'],
    ['an empty array and an empty object', '{"a": []}', '{"a": {}}'],
    ['a digit far behind the point', '{"a": 0.1000000000000000001}', '{"a": 0.1}'],
  ])('tells %s apart', async (_what, one, other) => {
    expect(await checksum(one)).not.toBe(await checksum(other))
  })

  test('is SHA-256 in 64 digits, and null of null', async () => {
    expect(await checksum('{}')).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
    expect(await checksum(null)).toBeNull()
  })

  test('any document has the checksum of itself with keys turned round and numbers written otherwise', async () => {
    const documents = fc.sample(fc.jsonValue({ maxDepth: 4, noUnicodeString: false }), {
      numRuns: 200,
      seed: 7,
    })
    const pairs = documents
      .map((document) => [JSON.stringify(document), rewrite(document)])
      // jsonb holds no character 0 and no lone surrogate.
      .filter(([one]) => !/\\u0000|\\ud[89a-f]/i.test(one ?? ''))
    expect(pairs.length).toBeGreaterThan(150)
    const { rows } = await database.client.query(
      `select a, b from unnest($1::text[], $2::text[]) p (a, b)
       where public.atlas_record_checksum(a::jsonb) is distinct from public.atlas_record_checksum(b::jsonb)`,
      [pairs.map(([one]) => one), pairs.map(([, other]) => other)],
    )
    expect(rows).toEqual([])
  })
})

/** The same document, keys in the opposite order, whole numbers with a zero behind the point. */
function rewrite(document: unknown): string {
  if (Array.isArray(document)) return `[${document.map(rewrite).join(' , ')}]`
  if (document !== null && typeof document === 'object') {
    const entries = Object.entries(document).reverse()
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)} : ${rewrite(item)}`).join(', ')}}`
  }
  const text = JSON.stringify(document)
  return typeof document === 'number' && /^-?\d+$/.test(text) ? `${text}.00` : text
}

describe('mask', () => {
  test.each([
    ['email', 'ada.lovelace@example.org', 'a***@e***.org'],
    ['email', 'no address', '***'],
    ['email', 'a@b', '***'],
    ['phone', '+49 30 1234567', '+** ** *****67'],
    ['phone', '12345', '***'],
    ['credit_card', '4111 1111 1111 1234', '**** **** **** 1234'],
    ['credit_card', '1234', '***'],
    ['iban', 'DE89 3704 0044 0532 0130 00', 'DE** **** **** 00'],
    ['iban', 'DE89', '***'],
    ['national_id', '078-05-1120', '***'],
    ['ip_address', '192.0.2.17', '192.0.*.*'],
    ['ip_address', '2001:db8::1', '2001:***'],
    ['ip_address', '::1', '***'],
    ['date', '1984-05-17', '1984-**-**'],
    ['date_of_birth', '1984-05-17', '1984-**-**'],
    ['date', '17.5.1984', '***'],
    ['address', '12 Harbour Street', '***'],
    ['name', 'Ada Lovelace', 'A*** L***'],
    ['person_name', "Élise O'Brien", 'É*** O***'],
    ['name', 'Ωμέγα Λ', 'Ω*** Λ***'],
    ['full', 'anything', '***'],
    ['no such kind', 'anything', '***'],
    ['email', '', ''],
    ['email', null, null],
  ])('%s: %s', async (kind, given, masked) => {
    expect(await value('select compliance.mask($1, $2)', [given, kind])).toBe(masked)
  })

  test('every seeded pattern has a kind that hides its own example', async () => {
    const { rows } = await database.client.query(
      `select code, example, compliance.mask(example, mask_kind) as masked, compliance.mask(example, code) as by_code
       from compliance.pii_patterns`,
    )
    expect(rows).toHaveLength(10)
    for (const { example, masked, by_code } of rows) {
      expect(masked).toContain('*')
      expect(masked).not.toBe(example)
      expect(by_code).toContain('*')
    }
  })

  test('never shows a value whole, whatever it is', async () => {
    const kinds = await value<string[]>('select array_agg(code) from compliance.pii_patterns')
    const texts = fc
      .sample(fc.string({ minLength: 1, maxLength: 40 }), { numRuns: 200, seed: 11 })
      .filter((text) => !text.includes('\u0000') && /[A-Za-z0-9]{2}/.test(text))
    const { rows } = await database.client.query(
      `select t, k, compliance.mask(t, k) as masked from unnest($1::text[]) t cross join unnest($2::text[]) k
       where compliance.mask(t, k) = t`,
      [texts, kinds],
    )
    expect(rows).toEqual([])
  })

  test('a record is masked by the registry and by the names of its keys, at any depth of objects', async () => {
    const record = {
      email: 'ada@example.org',
      order: { phone: '+49 30 1234567', total: 12 },
      note: 'x',
      client_ip: null,
    }
    expect(
      await value("select compliance.mask_record($1, 'explore', 'raw_data_template')", [
        JSON.stringify(record),
      ]),
    ).toEqual({
      email: 'a***@e***.org',
      order: { phone: '+** ** *****67', total: 12 },
      note: 'x',
      client_ip: null,
    })
    expect(await value(`select compliance.mask_record('[1]', 'explore', 'raw_data_template')`)).toBe('***')
  })
})

describe('keys and times', () => {
  test('a uuid of version 7 carries its time and sorts by it', async () => {
    const at = '2026-03-04 05:06:07.891234+00'
    const id = await value<string>('select public.atlas_uuid_v7($1)', [at])
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(await value('select explore.batch_time($1)', [id])).toEqual(new Date('2026-03-04T05:06:07.891Z'))
    expect(
      await value(
        `select bool_and(later > earlier) from (
           select id as later, lag(id) over (order by i) as earlier
           from (select i, public.atlas_uuid_v7('2026-01-01'::timestamptz + i * interval '3 microseconds') as id
                 from generate_series(1, 2000) i) made) pairs where earlier is not null`,
      ),
    ).toBe(true)
  })

  test('touching moves updated_at on, even twice in one instant and against a clock that went back', async () => {
    await database.client.query(
      "insert into explore.source_systems (code, name, kind, owner, updated_at) values ('touched', 'T', 'file', 'x', now() + interval '1 day')",
    )
    const times: string[] = []
    for (let turn = 0; turn < 3; turn++)
      times.push(
        await value(
          "update explore.source_systems set owner = owner where code = 'touched' returning updated_at::text",
        ),
      )
    expect(new Set(times).size).toBe(3)
    expect([...times].sort()).toEqual(times)
  })
})
