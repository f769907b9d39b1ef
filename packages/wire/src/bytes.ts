import { FrontierError } from './frontier-error.js'

const encoder = new TextEncoder()
// A byte order mark is data like any other: without `ignoreBOM` two different names would become the same text.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** Up to this many characters a loop beats TextEncoder by far, as long as all are ASCII. */
const SHORT_TEXT = 128

/** What users may give as data: bytes, or a string that is sent as UTF-8. */
export type Bytes = Uint8Array | string

/** No bytes. */
export const EMPTY: Uint8Array = new Uint8Array(0)

/** `value` as bytes; a Uint8Array is returned as it is, not copied. */
export function toBytes(value: Bytes | undefined): Uint8Array {
  if (value === undefined) return EMPTY
  if (typeof value !== 'string') return value
  const { length } = value
  if (length === 0) return EMPTY
  if (length > SHORT_TEXT) return encoder.encode(value)
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index++) {
    const unit = value.charCodeAt(index)
    if (unit > 0x7f) return encoder.encode(value)
    bytes[index] = unit
  }
  return bytes
}

function stringify(value: unknown, replacer?: (key: string, member: unknown) => unknown): string | undefined {
  // Undefined, functions and symbols have no JSON, which the declared type of JSON.stringify does not say.
  return JSON.stringify(value, replacer)
}

/**
 * `value` as JSON text, to be given where bytes are wanted. A bigint becomes a decimal string, as ids are written in JSON; what has
 * no JSON (undefined) becomes `null`. @throws INVALID_ARGUMENT for a value that cannot be written, such as one that contains itself.
 */
export function json(value: unknown): Bytes {
  try {
    return stringify(value) ?? 'null'
  } catch {
    // Most likely a bigint. A replacer makes JSON.stringify several times slower, so it gets one only now.
  }
  try {
    return stringify(value, (_key, member) => (typeof member === 'bigint' ? member.toString() : member)) ?? 'null'
  } catch (cause) {
    throw new FrontierError('INVALID_ARGUMENT', `no JSON for this value: ${cause instanceof Error ? cause.message : 'toJSON threw'}`, { cause })
  }
}

/** The UTF-8 text in `bytes`; malformed sequences become U+FFFD. */
export function utf8(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/** The UTF-8 text in `bytes`, or undefined when they are not well-formed UTF-8. */
export function strictUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** The bytes of all `parts`, one behind the other, in a new array. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
