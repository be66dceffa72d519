import { expect, test } from 'vitest'
import { createResultPages, type ResultRows } from '../../src-renderer/ui/resultPages.ts'

/** Pages whose answers are given by hand. */
function openPages() {
  const waiting: { from: number; resolve: (rows: number) => void; reject: () => void }[] = []
  const pages = createResultPages(
    (from) =>
      new Promise<ResultRows>((resolve, reject) => {
        waiting.push({
          from,
          resolve: (rows) =>
            resolve({ rows: Array.from({ length: rows }, (_, at) => [`row ${from + at}`]), cuts: [] }),
          reject: () => reject(new Error('The connection was lost')),
        })
      }),
    () => {},
  )
  return { pages, waiting }
}

const settled = () => new Promise((next) => setImmediate(next))

test('rows that came while their page was on its way are asked for, although nothing else changes', async () => {
  const { pages, waiting } = openPages()
  pages.show(0, 40, 30)
  // The last word of a result that has ended: nobody shows the page again.
  pages.show(0, 40, 500)
  expect(waiting).toHaveLength(1)
  waiting[0]?.resolve(30)
  await settled()
  expect(waiting).toHaveLength(2)
  waiting[1]?.resolve(200)
  await settled()
  expect(pages.cell(35, 0)).toEqual({ text: 'row 35', isCut: false })
  expect(waiting).toHaveLength(2)
})

test('a page that got lost with its connection is asked for again, one that is gone not for ever', async () => {
  const { pages, waiting } = openPages()
  pages.show(400, 440, 1000)
  waiting[0]?.reject()
  await settled()
  waiting[1]?.resolve(200)
  await settled()
  expect(pages.cell(401, 0)).toMatchObject({ text: 'row 401' })
  pages.show(600, 640, 1000)
  for (let at = 2; at < waiting.length; at++) {
    waiting[at]?.reject()
    await settled()
  }
  expect(waiting.slice(2).map(({ from }) => from)).toEqual([600, 600, 600])
})
