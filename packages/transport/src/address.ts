import { FrontierError } from '@frontier/wire'

/** Where to dial or listen. */
export type Address =
  | { readonly transport: 'tcp' | 'tls'; readonly host: string; readonly port: number }
  | { readonly transport: 'unix'; readonly path: string }
  | { readonly transport: 'memory'; readonly name: string }

/** Kernels keep unix socket paths in 108 bytes, the closing zero among them. */
const MAX_UNIX_PATH_BYTES = 107

const forms = 'tcp://host:port, tls://host:port, unix:///path, memory://name, or host:port'

function invalid(text: string, reason: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', `the address ${JSON.stringify(text)} ${reason}`)
}

function parseHostPort(text: string, rest: string, transport: 'tcp' | 'tls'): Address {
  const authority = rest.endsWith('/') ? rest.slice(0, -1) : rest
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^:[\]/?#@\s]*))(?::(\d{1,5}))?$/.exec(authority)
  if (match === null) {
    const hint = /^[0-9a-fA-F:.]+$/.test(authority) ? 'needs brackets around its IPv6 host: [::1]:30011' : `is none of ${forms}`
    throw invalid(text, hint)
  }
  if (match[3] === undefined) throw invalid(text, 'has no port')
  const port = Number(match[3])
  if (port > 65_535) throw invalid(text, 'has a port above 65535')
  return { transport, host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

function parseUnixPath(text: string, path: string): Address {
  if (!path.startsWith('/')) throw invalid(text, 'needs an absolute path: unix:///path')
  if (new TextEncoder().encode(path).length > MAX_UNIX_PATH_BYTES) {
    throw invalid(text, `has a path of more than ${MAX_UNIX_PATH_BYTES} bytes, which no kernel takes`)
  }
  return { transport: 'unix', path }
}

/**
 * Reads `tcp://host:port`, `tls://host:port`, `unix:///path`, `memory://name`, or a bare `host:port`, which is tcp. IPv6 hosts go
 * in brackets; `:port` is every IPv4 interface. Throws INVALID_ARGUMENT, also for ws, wss and frontlas addresses.
 */
export function parseAddress(text: string): Address {
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\/(.*)$/s.exec(text)
  if (match === null) return parseHostPort(text, text, 'tcp')
  const scheme = match[1]!.toLowerCase()
  const rest = match[2]!
  switch (scheme) {
    case 'tcp':
    case 'tls':
      return parseHostPort(text, rest, scheme)
    case 'unix':
      return parseUnixPath(text, rest)
    case 'memory':
      if (rest === '') throw invalid(text, 'has no name: memory://name')
      return { transport: 'memory', name: rest }
    case 'ws':
    case 'wss':
      throw invalid(text, 'is a WebSocket address; WebSocket links come later')
    case 'frontlas+http':
    case 'frontlas+https':
      throw invalid(text, 'is the address of a Frontlas; clusters come later')
    default:
      throw invalid(text, `is none of ${forms}`)
  }
}

/** The full form of an address, which {@link parseAddress} reads back. */
export function formatAddress(address: Address): string {
  switch (address.transport) {
    case 'unix':
      return `unix://${address.path}`
    case 'memory':
      return `memory://${address.name}`
    case 'tcp':
    case 'tls':
      return `${address.transport}://${formatHostPort(address.host, address.port)}`
  }
}

/** `host:port`, with brackets around an IPv6 host. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** An address in either form as an object; text is parsed, an object checked by the same rules. */
export function toAddress(address: string | Address): Address {
  return parseAddress(typeof address === 'string' ? address : formatAddress(address))
}
