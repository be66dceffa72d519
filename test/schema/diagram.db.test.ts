import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSchema } from '../../src-main/schema/service.ts'
import { openTestServices, type TestServices } from '../support/services.ts'
import { recording } from './support.ts'

let services: TestServices

beforeAll(async () => {
  services = await openTestServices()
  await services.database.client.query(`
    create schema shop;
    create schema other;
    create table other.countries (code text primary key);
    create table shop.customers (id int primary key, country text not null references other.countries, boss int references shop.customers);
    create table shop.passports (customer int primary key references shop.customers, number text);
    create table shop.orders (id int, at date, customer int not null references shop.customers, primary key (id, at)) partition by range (at);
    create table shop.orders_2025 partition of shop.orders for values from ('2025-01-01') to ('2026-01-01');
    create table shop.orders_rest partition of shop.orders default;
    create table shop.lines (id int primary key, order_id int, order_at date, foreign key (order_id, order_at) references shop.orders);
    create table shop.badges (customer int not null references shop.customers);
    create unique index one_badge on shop.badges (customer);
    create table shop.alone (id int);
    create view shop.view as select * from shop.alone;`)
})

afterAll(() => services.close())

test('a schema: its tables, their keys and where they lead, partitions within their table', async () => {
  const { db, statements } = recording(services.db)
  const schema = createSchema({ db })
  await schema.model({ relations: [] }, {})
  const before = statements.length
  const { tables, links, total } = await schema.diagram({ schema: 'shop', depth: 1, limit: 500 }, {})
  expect(statements.length).toBe(before)
  expect(total).toBe(7)
  expect(tables.map(({ schema: space, name, distance }) => [`${space}.${name}`, distance])).toEqual([
    ['shop.customers', 0],
    ['shop.orders', 0],
    ['shop.badges', 0],
    ['shop.lines', 0],
    ['shop.passports', 0],
    ['shop.alone', 0],
    ['other.countries', 1],
  ])
  expect(tables.find(({ name }) => name === 'orders')).toMatchObject({
    partitionCount: 2,
    partitions: [
      { name: 'orders_2025', bound: `FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')` },
      { name: 'orders_rest' },
    ],
    columns: [
      { name: 'id', isPrimaryKey: true, isForeignKey: false },
      { name: 'at', isPrimaryKey: true },
      { name: 'customer', isForeignKey: true, isPrimaryKey: false },
    ],
  })
  const cardinality = Object.fromEntries(links.map((link) => [link.name, [link.isUnique, link.isOptional]]))
  expect(cardinality).toEqual({
    customers_country_fkey: [false, false],
    customers_boss_fkey: [false, true],
    passports_customer_fkey: [true, false],
    orders_customer_fkey: [false, false],
    lines_order_id_order_at_fkey: [false, true],
    badges_customer_fkey: [true, false],
  })
  expect(links.find(({ name }) => name === 'lines_order_id_order_at_fkey')).toMatchObject({
    columns: ['order_id', 'order_at'],
    to: { schema: 'shop', name: 'orders' },
    targetColumns: ['id', 'at'],
  })
})

test('around a table: as many foreign keys as asked, in both directions; the nearest where there are too many', async () => {
  const schema = createSchema({ db: services.db })
  const names = async (table: string, depth: number, limit = 500) => {
    const { tables, total } = await schema.diagram({ schema: 'shop', table, depth, limit }, {})
    return [total, tables.map(({ name }) => name)]
  }
  expect(await names('lines', 1)).toEqual([2, ['lines', 'orders']])
  expect(await names('lines', 2)).toEqual([3, ['lines', 'orders', 'customers']])
  const [total, all] = await names('lines', 3)
  expect([total, [...(all as string[])].sort()]).toEqual([
    6,
    ['badges', 'countries', 'customers', 'lines', 'orders', 'passports'],
  ])
  expect(await names('lines', 3, 2)).toEqual([6, ['lines', 'orders']])
  expect(await names('orders_2025', 1)).toEqual([3, ['orders', 'customers', 'lines']])
  await expect(names('view', 1)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' })
  await expect(schema.diagram({ schema: 'nowhere', depth: 1, limit: 5 }, {})).rejects.toMatchObject({
    code: 'OBJECT_NOT_FOUND',
    fault: { object: 'nowhere' },
  })
})
