/** What brokers' clients give for a header, a key or a value, as text. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.map(textOf).join(',')
  return typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString()
}
