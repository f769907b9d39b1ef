import { createContextKey, type ContextKey } from '@connectrpc/connect'
import { TLSSocket } from 'node:tls'

import { peerIdentityOf, type PeerIdentity } from '@frontier/transport'

import type { HttpRequest } from './http-types.js'

/** What is known of whoever is at the other end of a request's connection. */
export interface RemotePeer {
  readonly address: string
  /** From its verified client certificate. */
  readonly identity: PeerIdentity | undefined
}

const NOBODY: RemotePeer = { address: '', identity: undefined }

/** Where the rpc handlers find who calls. */
export const remotePeerKey: ContextKey<RemotePeer> = createContextKey(NOBODY)

/** Who is at the other end of `request`. */
export function remotePeerOf(request: HttpRequest): RemotePeer {
  const { stream } = request as { stream?: { session?: { socket: HttpRequest['socket'] } } }
  // The socket of an HTTP/2 request is a proxy that hides what TLS knows.
  const socket = stream?.session?.socket ?? request.socket
  const { remoteAddress: host = 'unix', remotePort } = socket
  const isIpv6 = host.includes(':')
  const address = remotePort === undefined ? host : `${isIpv6 ? `[${host}]` : host}:${remotePort}`
  return { address, identity: isTls(socket) ? peerIdentityOf(socket) : undefined }
}

function isTls(socket: unknown): socket is TLSSocket {
  return socket instanceof TLSSocket || (typeof socket === 'object' && socket !== null && 'getPeerX509Certificate' in socket)
}
