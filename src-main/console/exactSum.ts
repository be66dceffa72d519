const decimal = /^(-?)(\d+)(?:\.(\d+))?$/
const averageDigits = 6

/** Adds numbers as PostgreSQL writes them. Whole and decimal ones without a loss; floats as floats are added. */
export function createSum() {
  let digits = 0n
  let scale = 0
  let float: number | undefined
  let count = 0

  const write = (value: bigint, places: number): string => {
    const text = (value < 0n ? -value : value).toString().padStart(places + 1, '0')
    const whole = text.slice(0, text.length - places)
    return `${value < 0n ? '-' : ''}${whole}${places > 0 ? `.${text.slice(-places)}` : ''}`
  }
  return {
    add: (text: string): void => {
      count++
      const [, sign, whole, fraction = ''] = decimal.exec(text) ?? []
      if (whole === undefined || float !== undefined) {
        float = (float ?? Number(write(digits, scale))) + Number(text)
        return
      }
      if (fraction.length > scale) {
        digits *= 10n ** BigInt(fraction.length - scale)
        scale = fraction.length
      }
      const value = BigInt(whole + fraction) * 10n ** BigInt(scale - fraction.length)
      digits += sign ? -value : value
    },
    sum: (): string => (float !== undefined ? String(float) : write(digits, scale)),
    /** Cut behind six digits more than the values have. */
    average: (): string => {
      if (float !== undefined) return String(float / count)
      const places = scale + averageDigits
      const text = write((digits * 10n ** BigInt(averageDigits)) / BigInt(count), places)
      return text.replace(/\.?0+$/, '')
    },
  }
}
