/** Line numbers in ascending order, four bytes each. */
export function createGrowingList() {
  let values = new Uint32Array(1024)
  let length = 0
  /** How many of the first belong to lines that are gone. */
  let dropped = 0
  const lowerBound = (line: number) => {
    let [low, high] = [dropped, length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[middle] ?? 0) < line) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    get length() {
      return length - dropped
    },
    push(line: number) {
      if (length === values.length) {
        const larger = new Uint32Array(values.length * 2)
        larger.set(values)
        values = larger
      }
      values[length] = line
      length += 1
    },
    at: (position: number) => values[dropped + position],
    slice: (from: number, count: number) =>
      values.subarray(dropped + from, Math.min(length, dropped + from + count)),
    /** The position of the first number that is not below `line`. */
    positionOf: (line: number) => lowerBound(line) - dropped,
    dropBelow(line: number) {
      dropped = lowerBound(line)
    },
  }
}
