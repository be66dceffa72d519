import type { Stack } from '../../stack/contract.ts'
import type { ModelService } from './snapshot.ts'

/** The services of the compose files, as far as what runs needs them. */
export function modelOf({ services }: Pick<Stack, 'services'>): ModelService[] {
  return services
    .filter(({ isInFiles }) => isInFiles)
    .map(({ name, profiles, image, isEnabled, dependsOn }) => ({
      name,
      profiles,
      image,
      isEnabled,
      dependsOn,
    }))
}
