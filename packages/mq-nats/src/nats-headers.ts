import { fromTextHeaders, textHeaders, type OutgoingMessage } from '@frontier/mq'
import { MsgHdrsImpl, type MsgHdrs } from 'nats'

/** The line before headers, and the empty one after them. */
const FRAME_BYTES = 'NATS/1.0\r\n\r\n'.length
const LINE_BYTES = ': \r\n'.length

/**
 * Headers as the library takes them, with the id that streams know messages by. Those that command the server (`nats-...`) are the bridge's own: a dead letter comes
 * with whatever headers it had.
 */
export function natsHeaders({ headers, id }: OutgoingMessage): MsgHdrs {
  const record: Record<string, string[]> = { 'Nats-Msg-Id': [id] }
  for (const [name, value] of Object.entries(textHeaders(headers))) {
    if (/^(?!nats-)[!-9;-~]+$/i.test(name)) record[name] = [value]
  }
  // append() looks at each character of a name, for each message: it took more than the sending. docs/performance.md
  return MsgHdrsImpl.fromRecord(record)
}

/** Bytes of a message as the server counts them: it closes the connection of who sends more than its `max_payload`. */
export function payloadBytes(headers: MsgHdrs, data: Uint8Array): number {
  let bytes = FRAME_BYTES + data.length
  for (const [name, values] of headers) for (const value of values) bytes += LINE_BYTES + name.length + Buffer.byteLength(value)
  return bytes
}

/** Headers of a message that came, by their names in lower case. */
export function recordOf(headers: MsgHdrs | undefined): Record<string, string | Uint8Array> {
  const texts: Record<string, string> = {}
  if (headers !== undefined) for (const [name, values] of headers) texts[name.toLowerCase()] = values[0] ?? ''
  return fromTextHeaders(texts)
}
