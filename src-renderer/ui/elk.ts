import type { ELK, ElkNode } from 'elkjs/lib/elk-api'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'

export type { ElkNode }

let idle: ELK | undefined

/**
 * Lays out a graph in a worker, so that no big one holds up the window. An aborted one ends with its worker. The library
 * is loaded with the first graph.
 */
export async function layOutGraph(graph: ElkNode, signal?: AbortSignal): Promise<ElkNode> {
  const { default: Elk } = await import('elkjs/lib/elk-api')
  signal?.throwIfAborted()
  const elk = idle ?? new Elk({ workerFactory: () => new Worker(workerUrl) })
  idle = undefined
  const aborted = Promise.withResolvers<never>()
  const abort = () => {
    elk.terminateWorker()
    aborted.reject(signal?.reason)
  }
  signal?.addEventListener('abort', abort)
  try {
    const made = await Promise.race([elk.layout(graph), aborted.promise])
    if (idle) elk.terminateWorker()
    else idle = elk
    return made
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}
