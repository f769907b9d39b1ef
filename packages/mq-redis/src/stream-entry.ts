import { DATA, ID, KEY } from './publish-command.js'

/** An entry of a stream, as a message. */
export interface StreamEntry {
  readonly id: string
  readonly data: Uint8Array
  readonly key: string
  readonly headers: Readonly<Record<string, string | Uint8Array>>
  /** It was deleted since it was read: there is nothing but its id. */
  readonly isDeleted: boolean
}

/** Entries of `[[id, [field, value, ...]], ...]`, all in bytes. An entry that is gone has null for its fields, or is null as a whole. */
export function streamEntries(answer: unknown): StreamEntry[] {
  if (!Array.isArray(answer)) return []
  return (answer as ([Buffer, Buffer[] | null] | null)[]).flatMap((entry) => (entry === null ? [] : [streamEntry(...entry)]))
}

function streamEntry(id: Buffer, fields: Buffer[] | null): StreamEntry {
  let data: Uint8Array = new Uint8Array()
  let key = ''
  const headers: Record<string, Uint8Array> = {}
  for (let i = 0; fields !== null && i + 1 < fields.length; i += 2) {
    const name = fields[i]!.toString()
    const value = fields[i + 1]!
    if (name === DATA) data = value
    else if (name === KEY) key = value.toString()
    else if (name !== ID) headers[name.toLowerCase()] = value
  }
  return { id: id.toString(), data, key, headers, isDeleted: fields === null }
}
