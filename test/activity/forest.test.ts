import { expect, test } from 'vitest'
import type { Session } from '../../src-main/activity/contract.ts'
import { forestOf } from '../../src-renderer/activity/forest.ts'

const session = (processId: number, ...blockedBy: number[]) => ({ processId, blockedBy }) as Session
const shape = (...sessions: Session[]) =>
  forestOf(sessions).map(({ session: { processId }, depth, waiting }) => [processId, depth, waiting])

test('those who wait stand behind the one that holds; the others are left out', () => {
  expect(shape(session(1), session(2, 1), session(3, 2), session(4, 1), session(5))).toEqual([
    [1, 0, 3],
    [2, 1, 1],
    [3, 2, 0],
    [4, 1, 0],
  ])
})

test('a circle and a prepared transaction are shown too', () => {
  expect(shape(session(1, 2), session(2, 1))).toEqual([
    [1, 0, 1],
    [2, 1, 0],
  ])
  expect(shape(session(3, 0))).toEqual([[3, 0, 0]])
})
