import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSchema } from '../../src-main/schema/service.ts'
import { openTestServices, type TestServices } from '../support/services.ts'

let services: TestServices

beforeAll(async () => {
  services = await openTestServices()
  await services.database.client.query(`
    create schema shop;
    create type shop.mood as enum ('ok');
    create sequence shop.numbers;
    create function shop.touch() returns trigger language plpgsql as 'begin return new; end';
    create table shop.orders (id int default nextval('shop.numbers'), mood shop.mood, "odd ""name""" text);
    create trigger touch before insert on shop.orders for each row execute function shop.touch();
    create view shop."a ""view""" as select id, "odd ""name""" from shop.orders;
    create materialized view shop.over as select count(id) from shop."a ""view""";
    create function shop.first_order() returns int begin atomic select id from shop.orders; end;
    create function shop.of_order(o shop.orders) returns int language sql as 'select 1';
    create table shop.alone (id int);`)
})

afterAll(() => services.close())

test('what uses a table and a view, and what they use, with the columns', async () => {
  const schema = createSchema({ db: services.db })
  const of = async (name: string) => {
    const { uses, usedBy } = await schema.dependencies({ schema: 'shop', name }, {})
    const line = ({ kind, name: other, columns }: (typeof uses)[number]) =>
      [kind, other, ...columns].join(' ')
    return { uses: uses.map(line), usedBy: usedBy.map(line) }
  }
  expect(await of('orders')).toEqual({
    uses: ['enum mood', 'function touch', 'sequence numbers'],
    usedBy: ['function first_order id', 'function of_order', 'view a "view" id odd "name"'],
  })
  expect(await of('a "view"')).toEqual({
    uses: ['table orders id odd "name"'],
    usedBy: ['materialized view over id'],
  })
  expect(await of('alone')).toEqual({ uses: [], usedBy: [] })
  await expect(of('nothing')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' })
})
