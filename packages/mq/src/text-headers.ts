const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })
// What HTTP and NATS take in a header, and nothing that could end one.
const printable = /^[\x20-\x7e\u00a0-\u{10ffff}]*$/u
const SUFFIX = '-base64'

/**
 * Headers for brokers that have text only: bytes that are printable UTF-8 as they are, others in base64 under their name with `-base64`.
 * {@link fromTextHeaders} is the way back.
 */
export function textHeaders(headers: Readonly<Record<string, string | Uint8Array>>): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const text = typeof value === 'string' ? value : textOf(value)
    if (text !== undefined && printable.test(text) && text.trim() === text) texts[name] = text
    else texts[name + SUFFIX] = Buffer.from(typeof value === 'string' ? encoder.encode(value) : value).toString('base64')
  }
  return texts
}

/** Headers as they were before {@link textHeaders}: what was base64 comes back as bytes. */
export function fromTextHeaders(texts: Readonly<Record<string, string>>): Record<string, string | Uint8Array> {
  const headers: Record<string, string | Uint8Array> = {}
  for (const [name, text] of Object.entries(texts)) {
    if (name.endsWith(SUFFIX)) headers[name.slice(0, -SUFFIX.length)] = new Uint8Array(Buffer.from(text, 'base64'))
    else headers[name] = text
  }
  return headers
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
