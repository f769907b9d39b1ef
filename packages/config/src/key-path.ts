/** Where something is in a configuration: keys, and places in lists. */
export type KeyPath = readonly (string | number)[]

/** `edgebound.listen.tls.certs[0].key` */
export function formatPath(path: KeyPath): string {
  return path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`), '')
}

/** What is at `path` in `tree`, or undefined. */
export function valueAt(tree: unknown, path: KeyPath): unknown {
  let value = tree
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

/** `tree` with `value` at `path`; what is no object on the way there stays, so that its own fault is reported. */
export function withValueAt(tree: unknown, path: KeyPath, value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (tree !== undefined && !isTree(tree)) return tree
  return { ...tree, [key]: withValueAt(tree?.[key], rest, value) }
}

/** `value` without the keys that have no value: `edgebound:` with nothing under it is as good as not written. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isTree(value)) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined)
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutNulls(inner)]))
}

function isTree(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
