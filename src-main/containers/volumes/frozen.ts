import { AtlasError } from '../../errors.ts'
import type { Engine } from '../own.ts'

/** A container by its id and by what the engine calls it. */
interface Container {
  id: string
  name: string
}

/**
 * Freezes containers one after the other, does `work`, and lets them go on, the last first. Answers for how many
 * milliseconds the first was frozen. A container that cannot be let go on is named with what to do, whatever else failed.
 */
export async function whileFrozen<T>(
  engine: Engine,
  containers: readonly Container[],
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<{ result: T; frozenMs: number }> {
  const frozen: Container[] = []
  const begun = performance.now()
  const freezeAndWork = async () => {
    for (const container of containers) {
      signal.throwIfAborted()
      await engine.call(container.name, (docker) => docker.getContainer(container.id).pause())
      frozen.push(container)
    }
    return work()
  }
  const [outcome] = await Promise.allSettled([freezeAndWork()])
  const stuck: string[] = []
  for (const { id, name } of frozen.toReversed())
    await engine
      .call(name, (docker) => docker.getContainer(id).unpause())
      .catch(async () => {
        if (await isFrozen(engine, id)) stuck.push(name)
      })
  const frozenMs = performance.now() - begun
  const failure = outcome.status === 'rejected' ? { cause: outcome.reason } : undefined
  if (stuck.length > 0)
    throw new AtlasError(
      'CONFLICT',
      'What was frozen for the copy cannot be let go on',
      {
        object: stuck.join(', '),
        detail: failure?.cause instanceof Error ? failure.cause.message : undefined,
        saved: 'No copy was kept; the containers still hold what they held.',
        next: `Once the engine answers: docker unpause ${stuck.join(' ')}`,
      },
      failure,
    )
  if (outcome.status === 'rejected') throw outcome.reason
  return { result: outcome.value, frozenMs }
}

/** One that ended or was removed meanwhile is not; one that cannot be asked may be. */
const isFrozen = (engine: Engine, id: string) =>
  engine
    .call(id.slice(0, 12), (docker) => docker.getContainer(id).inspect())
    .then(
      ({ State }) => State.Paused,
      (error) => !(error instanceof AtlasError && error.code === 'NOT_FOUND'),
    )
