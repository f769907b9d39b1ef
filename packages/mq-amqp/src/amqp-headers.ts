import type { AmqpHeaderValue } from './amqp-options.js'

/** AMQP has no key of its own: this header carries it. */
export const KEY_HEADER = 'frontier-key'

type Table = Record<string, unknown>

/**
 * Headers for amqplib: text as text, bytes as bytes, and the key. One table is filled again and again, since amqplib makes it the prototype of another object
 * (and encodes it before `publish` returns): with a new one for each message V8 spends more on that than on encoding, 18 us a message against 7.5
 * (docs/performance.md).
 */
export class HeaderTable {
  readonly #table: Table = {}
  readonly #common: Readonly<Record<string, unknown>>
  #names: string[] = []

  constructor(common: Readonly<Record<string, AmqpHeaderValue>>) {
    this.#common = Object.fromEntries(Object.entries(common).map(([name, value]) => [name, tableValue(value)]))
  }

  /** The table of one message, until the next is asked for. */
  fill(headers: Readonly<Record<string, string | Uint8Array>>, key: string): Table {
    const table = this.#table
    const common = this.#common
    for (const name of this.#names) table[name] = undefined // which amqplib leaves out
    for (const name of Object.keys(common)) table[name] = common[name]
    this.#names = Object.keys(headers)
    for (const name of this.#names) table[name] = tableValue(headers[name]!)
    table[KEY_HEADER] = key === '' ? undefined : key
    return table
  }
}

function tableValue(value: AmqpHeaderValue): unknown {
  if (value instanceof Uint8Array) return bufferOf(value)
  return Array.isArray(value) ? (value as readonly AmqpHeaderValue[]).map(tableValue) : value
}

/** An upper bound of what a header's entry takes in the table: name, type, lengths, value. */
export function tableBytes(headers: Readonly<Record<string, AmqpHeaderValue>>): number {
  let bytes = 4
  for (const name of Object.keys(headers)) bytes += 2 + 3 * name.length + valueBytes(headers[name]!)
  return bytes
}

function valueBytes(value: AmqpHeaderValue): number {
  if (typeof value === 'string') return 4 + Buffer.byteLength(value)
  if (value instanceof Uint8Array) return 4 + value.length
  return Array.isArray(value) ? (value as readonly AmqpHeaderValue[]).reduce<number>((sum, entry) => sum + 1 + valueBytes(entry), 4) : 9
}

/** Headers of a message that came: names in lower case, what is neither text nor bytes as JSON. */
export function fromTable(table: Table | undefined): Record<string, string | Uint8Array> {
  const headers: Record<string, string | Uint8Array> = {}
  for (const [name, value] of Object.entries(table ?? {})) {
    headers[name.toLowerCase()] = typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value)
  }
  return headers
}

/** The same bytes, as amqplib wants them. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
