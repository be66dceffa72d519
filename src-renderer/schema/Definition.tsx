import { useQuery } from '@tanstack/react-query'
import type { ObjectSummary } from '../../src-main/schema/objects/contract.ts'
import { rpc } from '../rpc/client.ts'
import { QueryPanel } from '../ui/QueryPanel.tsx'
import { SqlBlock } from '../ui/SqlBlock.tsx'

interface Props {
  kind: string
  schema: string | null
  name: string
  signature: string
}

/** The statements that make an object anew. */
export function Definition({ kind, schema, name, signature }: Props) {
  const definition = useQuery(
    rpc.schema.definition.queryOptions({
      input: { kind: kind as ObjectSummary['kind'], schema, name, signature },
    }),
  )
  return (
    <div className="scroll detail__body">
      <QueryPanel query={definition}>{({ text }) => <SqlBlock text={text} label="Definition" />}</QueryPanel>
    </div>
  )
}
