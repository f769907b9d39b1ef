import { CONTROL_MAGIC } from '@frontier/wire'

import type { RefusalReason } from './options.js'

/** A protocol that is told by its first bytes. */
export interface ProtocolMatch {
  readonly prefix: readonly number[]
  /** `link`: it becomes a pipe, with these bytes first. Else: why it is closed. */
  readonly outcome: 'link' | RefusalReason
}

/** What may arrive at a listener that speaks in plain bytes (inside TLS, too). Protocols that come later get their line here. */
export const protocolMatches: readonly ProtocolMatch[] = [
  { prefix: [CONTROL_MAGIC], outcome: 'link' },
  { prefix: [0x01, 0x01], outcome: 'geminio-v1' },
  { prefix: [0x16, 0x03], outcome: 'tls-on-plain' },
  { prefix: [0x47, 0x45, 0x54, 0x20], outcome: 'websocket' }, // "GET "
]

function fits(prefix: readonly number[], bytes: Uint8Array): boolean {
  const length = Math.min(prefix.length, bytes.length)
  for (let index = 0; index < length; index++) if (prefix[index] !== bytes[index]) return false
  return true
}

/** What the first bytes of a connection say: its outcome, or undefined while more bytes are needed to tell. */
export function matchProtocol(bytes: Uint8Array): ProtocolMatch['outcome'] | undefined {
  let undecided = false
  for (const { prefix, outcome } of protocolMatches) {
    if (!fits(prefix, bytes)) continue
    if (bytes.length >= prefix.length) return outcome
    undecided = true
  }
  return undecided ? undefined : 'unknown-protocol'
}
