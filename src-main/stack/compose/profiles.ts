import type { ComposeModel, ServiceModel } from './model.ts'

/**
 * Parts the services whose profiles are on from the others. A service without profiles is always on; a service that was
 * named turns its profiles on; `*` turns all of them on.
 */
export function selectProfiles(
  model: ComposeModel,
  profiles: string[],
  named: string[] = [],
): { model: ComposeModel; disabled: Record<string, ServiceModel> } {
  const on = new Set([...profiles, ...named.flatMap((name) => model.services[name]?.profiles ?? [])])
  const isOn = ({ profiles: own = [] }: ServiceModel) =>
    own.length === 0 || on.has('*') || own.some((profile) => on.has(profile))
  const entries = Object.entries(model.services)
  return {
    model: { ...model, services: Object.fromEntries(entries.filter(([, service]) => isOn(service))) },
    disabled: Object.fromEntries(entries.filter(([, service]) => !isOn(service))),
  }
}

/** Without the networks, volumes, secrets and configs that no service of it uses: nothing is made for them. */
export function withoutUnused(model: ComposeModel): ComposeModel {
  const services = Object.values(model.services)
  const pick = <T>(section: Record<string, T>, used: (service: ServiceModel) => string[]) => {
    const names = new Set(services.flatMap(used))
    return Object.fromEntries(Object.entries(section).filter(([key]) => names.has(key)))
  }
  return {
    ...model,
    networks: pick(model.networks, ({ networks }) => Object.keys(networks ?? {})),
    volumes: pick(model.volumes, ({ volumes = [] }) =>
      volumes.flatMap(({ type, source }) => (type === 'volume' && source ? [source] : [])),
    ),
    secrets: pick(model.secrets, ({ secrets = [] }) => secrets.map(({ source }) => source)),
    configs: pick(model.configs, ({ configs = [] }) => configs.map(({ source }) => source)),
  }
}
