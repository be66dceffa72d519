import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that this process holds on its heap and in buffers, without what is garbage already. */
export function heldBytes(): number {
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}

/** Does `work`, and answers the most bytes that were held beyond those before, looked at four times a second. */
export async function mostHeldBy<T>(work: () => Promise<T>): Promise<{ result: T; mostBytes: number }> {
  const before = heldBytes()
  let mostBytes = 0
  const look = () => {
    mostBytes = Math.max(mostBytes, heldBytes() - before)
  }
  const watch = setInterval(look, 250)
  try {
    const result = await work()
    look()
    return { result, mostBytes }
  } finally {
    clearInterval(watch)
  }
}
