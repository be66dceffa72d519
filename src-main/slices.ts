import { setImmediate } from 'node:timers/promises'

// Half a frame: a key or a row that is asked for meanwhile does not feel it.
const sliceMs = 8

/** The share of the process that a long computation takes before other work goes on. */
export interface Slices {
  /** Whether the slice is used up: then `next` is to be awaited. */
  isOver(): boolean
  next(): Promise<void>
}

/** Begins the first slice of a computation. */
export function createSlices(): Slices {
  let end = performance.now() + sliceMs
  return {
    isOver: () => performance.now() >= end,
    next: async () => {
      await setImmediate()
      end = performance.now() + sliceMs
    },
  }
}
