const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** What users may give as data: bytes, or a string that is sent as UTF-8. */
export type Bytes = Uint8Array | string

/** No bytes. */
export const EMPTY: Uint8Array = new Uint8Array(0)

/** `value` as bytes; a Uint8Array is returned as it is, not copied. */
export function toBytes(value: Bytes | undefined): Uint8Array {
  if (value === undefined) return EMPTY
  return typeof value === 'string' ? encoder.encode(value) : value
}

/** `value` as JSON text, to be given where bytes are wanted. */
export function json(value: unknown): Bytes {
  return JSON.stringify(value) ?? 'null'
}

/** The UTF-8 text in `bytes`; malformed sequences become U+FFFD. */
export function utf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}
