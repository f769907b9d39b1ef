import { fromTextHeaders, perHeaders, textHeaders, type OutgoingMessage } from '@frontier/mq'
import type { Msg, MsgHdrs } from 'nats'

/** Headers of one message as they go over the wire. The library's `publish` asks for nothing but `encode`. */
export interface EncodedHeaders extends MsgHdrs {
  readonly bytes: Buffer
  encode(): Buffer
}

class HeaderBytes implements Pick<EncodedHeaders, 'bytes' | 'encode'> {
  readonly bytes: Buffer

  constructor(text: string) {
    this.bytes = Buffer.from(text)
  }

  encode(): Buffer {
    return this.bytes
  }
}

/** All lines but the id's. Those that command the server (`nats-...`) are the bridge's own: a dead letter comes with whatever headers it had. */
const linesOf = perHeaders((headers) => {
  let text = 'NATS/1.0\r\n'
  for (const [name, value] of Object.entries(textHeaders(headers))) {
    if (/^(?!nats-)[!-9;-~]+$/i.test(name)) text += `${name}: ${value}\r\n`
  }
  return { text }
})

/** Headers of a message, with the id that streams know it by. The library's own, filled, counted and encoded for each message, take 2 us; these 0.4 (docs/performance.md). */
export function natsHeaders({ headers, id }: OutgoingMessage): EncodedHeaders {
  return new HeaderBytes(`${linesOf(headers).text}Nats-Msg-Id: ${id}\r\n\r\n`) as Pick<EncodedHeaders, 'bytes' | 'encode'> as EncodedHeaders
}

/** Bytes of a message as the server counts them: it closes the connection of who sends more than its `max_payload`. */
export function payloadBytes(headers: EncodedHeaders, data: Uint8Array): number {
  return headers.bytes.length + data.length
}

/**
 * Headers of a message that came; none where they cannot be read. Servers do not look at headers, and the library throws at those that break its rules: within a
 * callback that ends its reading, and the connection with it.
 */
export function headersIn(message: Msg): MsgHdrs | undefined {
  try {
    return message.headers
  } catch {
    return undefined
  }
}

/** {@link headersIn} by their names in lower case. */
export function recordOf(headers: MsgHdrs | undefined): Record<string, string | Uint8Array> {
  const texts: Record<string, string> = {}
  if (headers !== undefined) for (const [name, values] of headers) texts[name.toLowerCase()] = values[0] ?? ''
  return fromTextHeaders(texts)
}
