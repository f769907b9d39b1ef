import { fromTextHeaders, textHeaders, type OutgoingMessage } from '@frontier/mq'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What {@link openEnvelope} found in a message. */
export interface Opened {
  readonly key: string
  readonly headers: Record<string, string | Uint8Array>
  readonly data: Uint8Array
}

/** The bytes of a message with its id, key and headers: JSON, with the body as text where it is UTF-8, else in base64. */
export function sealEnvelope({ id, key, headers, data }: OutgoingMessage): Buffer {
  const text = textOf(data)
  const [encoding, body] = text === undefined ? ['base64', Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64')] : ['utf8', text]
  return Buffer.from(JSON.stringify({ id, key, headers: textHeaders(headers), encoding, body }))
}

/** What {@link sealEnvelope} sealed. Undefined for bytes of somebody who knows nothing of envelopes. */
export function openEnvelope(bytes: Uint8Array): Opened | undefined {
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(bytes))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { key = '', headers = {}, encoding = 'utf8', body } = value as Record<string, unknown>
  if (typeof body !== 'string' || typeof key !== 'string' || typeof headers !== 'object' || headers === null) return undefined
  if (encoding !== 'utf8' && encoding !== 'base64') return undefined
  const texts: Record<string, string> = {}
  for (const [name, text] of Object.entries(headers)) if (typeof text === 'string') texts[name.toLowerCase()] = text
  return { key, headers: fromTextHeaders(texts), data: Buffer.from(body, encoding) }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
