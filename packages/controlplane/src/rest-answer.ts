import { create, toBinary, toJsonString, type DescMessage } from '@bufbuild/protobuf'

import type { Fields } from './dispatcher.js'
import type { Failure } from './failure.js'
import { cutOffWhenStalled, type HttpRequest, type HttpResponse } from './http-types.js'
import { isProto } from './request-body.js'

/** How messages are written in JSON: by the names of the .proto files, and nothing left out. */
export const restJsonOptions = { alwaysEmitImplicit: true, useProtoFieldName: true } as const

/** An error as REST tells of it. */
export interface ErrorEnvelope {
  code: number
  reason: string
  message: string
  metadata: Readonly<Record<string, string>>
}

/** Sends a message: JSON, or what `Accept` asks for when that is protobuf. */
export function sendMessage(request: HttpRequest, response: HttpResponse, desc: DescMessage, fields: Fields): void {
  const message = create(desc, fields)
  const isBinary = isProto(request.headers.accept)
  const headers = { 'content-type': isBinary ? 'application/proto' : 'application/json' }
  sendAnswer(request, response, { status: 200, headers, body: isBinary ? toBinary(desc, message) : toJsonString(desc, message, restJsonOptions) })
}

/** Sends an error in its envelope. */
export function sendFailure(request: HttpRequest, response: HttpResponse, failure: Failure): void {
  const { http } = failure.status
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (http === 401) headers['www-authenticate'] = 'Bearer'
  // What was not read of the request must not be taken for the next one.
  if (!request.complete && request.httpVersionMajor === 1) headers['connection'] = 'close'
  sendAnswer(request, response, { status: http, headers, body: JSON.stringify(envelopeOf(failure)) })
}

/** The envelope of `failure`. */
export function envelopeOf({ status, reason, message, metadata }: Failure): ErrorEnvelope {
  return { code: status.http, reason, message, metadata }
}

/** A whole answer. */
export interface WholeAnswer {
  status: number
  headers: Readonly<Record<string, string>>
  body: Uint8Array | string
}

/** Sends a whole answer; to HEAD only what comes before its body. */
export function sendAnswer(request: HttpRequest, response: HttpResponse, { status, headers, body }: WholeAnswer): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) })
  if (request.method === 'HEAD') response.end()
  else {
    response.end(body)
    cutOffWhenStalled(response)
  }
}
