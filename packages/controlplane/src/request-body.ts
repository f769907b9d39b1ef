import { fromBinary, fromJsonString, type DescMessage, type Message } from '@bufbuild/protobuf'
import { FrontierError } from '@frontier/wire'

import type { HttpRequest } from './http-types.js'

/** All of the request's body. Rejects with PAYLOAD_TOO_LARGE before more than `maxBytes` are kept, with EOF when the caller goes away. */
export async function readBody(request: HttpRequest, maxBytes: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > maxBytes) throw tooLarge(maxBytes)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof FrontierError) throw error
    throw new FrontierError('EOF', 'the caller went away', { cause: error })
  }
  return Buffer.concat(chunks)
}

/** The message in a request's body; an empty body is an empty message. @throws INVALID_ARGUMENT when it is none. */
export function parseBody(desc: DescMessage, body: Buffer, contentType: string | undefined): Message {
  try {
    if (isProto(contentType)) return fromBinary(desc, body)
    return fromJsonString(desc, body.length === 0 ? '{}' : new TextDecoder('utf-8', { fatal: true }).decode(body), { ignoreUnknownFields: true })
  } catch (error) {
    throw new FrontierError('INVALID_ARGUMENT', `the body is not a ${desc.typeName}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

/** Whether a content type, or what is accepted, is protobuf in binary. */
export function isProto(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/(x-)?proto(buf)?\b/.test(contentType)
}

/** Whether a body of that content type can be read; one that is not named is JSON. */
export function isReadable(contentType: string | undefined): boolean {
  return contentType === undefined || isProto(contentType) || /^application\/json\b/.test(contentType)
}

function tooLarge(maxBytes: number): FrontierError {
  return new FrontierError('PAYLOAD_TOO_LARGE', `the body is longer than ${maxBytes} bytes`)
}
