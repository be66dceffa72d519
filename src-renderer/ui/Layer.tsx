const layers = new Set(['explore', 'chart', 'navigate'])

/** The layer that a schema belongs to; every other schema is `other`. */
export function layerOf(schema: string): string {
  return layers.has(schema) ? schema : 'other'
}

/** A schema with the bar of its layer; with `name`, an object of that schema. */
export function Layer({ schema, name }: { schema: string; name?: string }) {
  return (
    <span className={`layer layer--${layerOf(schema)}`}>
      <span className={name ? 'mono clip' : undefined}>{name ? `${schema}.${name}` : schema}</span>
    </span>
  )
}
