import type { UniversalServerRequest } from '@connectrpc/connect/protocol'

/** Headers that speak of the body. */
const OF_THE_BODY = ['content-length', 'content-encoding']

/** `request` with an empty message in place of its body, which is not read: for callers that will not be let in, but are told so in their own protocol. */
export function withoutBody(request: UniversalServerRequest): UniversalServerRequest {
  const header = new Headers(request.header)
  for (const name of OF_THE_BODY) header.delete(name)
  const contentType = header.get('content-type') ?? ''
  const message = new TextEncoder().encode(/json/.test(contentType) ? '{}' : '')
  const isBare = /^application\/(json|proto)\b/.test(contentType)
  return { ...request, header, body: only(isBare ? message : Uint8Array.of(0, 0, 0, 0, message.length, ...message)) }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
