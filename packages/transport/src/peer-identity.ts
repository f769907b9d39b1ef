import type { TLSSocket } from 'node:tls'

import type { PeerIdentity } from './pipe.js'

/** Splits Node's `DNS:a, URI:b, DNS:"a, b"`: names with special characters are quoted as in JSON. */
export function parseAltNames(text: string): string[] {
  const names: string[] = []
  for (const match of text.matchAll(/([^:,\s][^:,]*):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/g)) {
    const kind = match[1] === 'IP Address' ? 'IP' : match[1]!
    const value = match[2]!
    names.push(`${kind}:${value.startsWith('"') ? String(JSON.parse(value)) : value}`)
  }
  return names
}

/** Who the peer is by its certificate, when there is one and it was verified. */
export function peerIdentityOf(socket: TLSSocket): PeerIdentity | undefined {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined
  if (certificate === undefined) return undefined
  const identity: PeerIdentity = {}
  if (certificate.subject) identity.subject = certificate.subject.split('\n').join(',')
  if (certificate.subjectAltName) identity.san = parseAltNames(certificate.subjectAltName)
  return identity
}
