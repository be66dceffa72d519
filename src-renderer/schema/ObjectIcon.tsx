import {
  IconArrowsSort,
  IconBolt,
  IconBraces,
  IconBroadcast,
  IconColumns,
  IconEye,
  IconFolder,
  IconFunction,
  IconKey,
  IconListNumbers,
  IconPuzzle,
  IconShieldLock,
  IconTable,
  IconTableShare,
  IconUsers,
} from '@tabler/icons-react'

const icons: Record<string, typeof IconTable> = {
  schema: IconFolder,
  table: IconTable,
  'foreign table': IconTable,
  'partitioned table': IconTableShare,
  partition: IconTable,
  view: IconEye,
  'materialized view': IconEye,
  column: IconColumns,
  index: IconArrowsSort,
  sequence: IconListNumbers,
  function: IconFunction,
  procedure: IconFunction,
  aggregate: IconFunction,
  'window function': IconFunction,
  enum: IconBraces,
  domain: IconBraces,
  'composite type': IconBraces,
  'range type': IconBraces,
  extension: IconPuzzle,
  publication: IconBroadcast,
  'event trigger': IconBolt,
  trigger: IconBolt,
  'constraint trigger': IconBolt,
  policy: IconShieldLock,
  role: IconUsers,
}

/** The mark of a kind of object; constraints share a key. */
export function ObjectIcon({ kind }: { kind: string }) {
  const Icon = icons[kind] ?? IconKey
  return <Icon className="icon" aria-hidden="true" />
}
