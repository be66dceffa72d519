interface Sections {
  up: string
  down: string | undefined
  isTransactional: boolean
}

// dbmate: `-- migrate:up transaction:false`, `-- migrate:down`. node-pg-migrate: `-- Up Migration`, `-- Down Migration`.
const upMark = /^--\s*(?:migrate:up\b(.*)|up migration\b.*)$/im
const downMark = /^--\s*(?:migrate:down\b.*|down migration\b.*)$/im

/**
 * Cuts a file that holds both directions, as other tools write them; one without marks is all forward. What stands in
 * front of a section is kept as empty lines, so that places in it are places in the file.
 */
export function cutSections(text: string): Sections {
  const up = upMark.exec(text)
  const down = downMark.exec(text)
  if (!up && !down) return { up: text, down: undefined, isTransactional: true }
  const upStart = up?.index ?? 0
  const downStart = down?.index ?? text.length
  const isUpFirst = upStart <= downStart
  const section = (from: number, to: number) =>
    `${'\n'.repeat(text.slice(0, from).split('\n').length - 1)}${text.slice(from, to)}`
  return {
    up: section(upStart, isUpFirst ? downStart : text.length),
    down: down ? section(downStart, isUpFirst ? text.length : upStart) : undefined,
    isTransactional: !/transaction:\s*false/.test(up?.[1] ?? ''),
  }
}
