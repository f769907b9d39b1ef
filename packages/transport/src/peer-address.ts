import type { Socket } from 'node:net'

import { formatHostPort, type Address } from './address.js'

/** Where the peer of a socket is, as pipes tell it. An IPv4 peer of an IPv6 listener is shown by its IPv4 address. */
export function remoteAddressOf(socket: Socket, address: Address): string {
  if (address.transport === 'unix') return `unix:${address.path}`
  const { remoteAddress: host, remotePort: port } = socket
  if (host === undefined || port === undefined) return 'unknown' // it was reset before we looked
  return formatHostPort(host.startsWith('::ffff:') && host.includes('.') ? host.slice(7) : host, port)
}
