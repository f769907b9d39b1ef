import type { BridgeMessage } from '@frontier/exchange'
import { signature } from './webhook-signature.js'
import type { WebhookSettings } from './webhook-settings.js'

const ASCII = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/
const SECOND_MS = 1000

/** Headers that say who sent a message, and what. What is not plain ASCII is in base64, under the name with `-base64`. */
export function messageHeaders({ topic, edge, meta }: BridgeMessage, own: Readonly<Record<string, string>>): Record<string, string> {
  const headers = { ...own, 'x-frontier-edge-id': edge.edgeId.toString() }
  put(headers, 'x-frontier-topic', Buffer.from(topic))
  put(headers, 'x-frontier-edge-meta', edge.meta)
  put(headers, 'x-frontier-meta', meta)
  return headers
}

/** Headers of one try: the id stays the same, the time does not. */
export function signedHeaders(id: string, body: Uint8Array, { keys }: WebhookSettings): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / SECOND_MS))
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'content-length': String(body.length) }
  return keys.length === 0 ? headers : { ...headers, 'webhook-signature': signature(keys, id, timestamp, body) }
}

function put(headers: Record<string, string>, name: string, value: Uint8Array): void {
  if (value.length === 0) return
  const text = Buffer.from(value.buffer, value.byteOffset, value.length)
  const ascii = text.toString('latin1')
  if (ASCII.test(ascii)) headers[name] = ascii
  else headers[`${name}-base64`] = text.toString('base64')
}
