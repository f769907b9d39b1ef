import type { ListenConfig } from './listen-config.js'

/** A host with or without a port, as the family's files write it: `0.0.0.0:30011`, `:30011`, `[::]:30011`. */
const hostAndPort = /^(\[[0-9a-fA-F:.%\w]+\]|[^:[\]/?#@\s]*)(?::(\d{1,5}))?$/

/** Kernels keep unix socket paths in 108 bytes, the closing zero among them. */
const MAX_UNIX_PATH_BYTES = 107

/** What is wrong with `addr` as an address of `network`, to be read behind its key; undefined = nothing. */
export function endpointProblem(network: ListenConfig['network'], addr: string): string | undefined {
  switch (network) {
    case 'tcp': {
      const match = hostAndPort.exec(addr)
      if (match === null) return `${JSON.stringify(addr)} is not host:port`
      if (match[2] === undefined) return `${JSON.stringify(addr)} has no port`
      return Number(match[2]) > 65_535 ? `${JSON.stringify(addr)} has a port above 65535` : undefined
    }
    case 'unix':
      if (!addr.startsWith('/')) return `${JSON.stringify(addr)} is not an absolute path, as network unix needs`
      return Buffer.byteLength(addr) > MAX_UNIX_PATH_BYTES ? `is a path of more than ${MAX_UNIX_PATH_BYTES} bytes` : undefined
    case 'memory':
      return addr === '' ? 'is empty, and network memory needs a name' : undefined
  }
}

/** `addr` with another port, or undefined when it has no host to keep. */
export function withPort(addr: string, port: number): string | undefined {
  const match = hostAndPort.exec(addr)
  return match === null ? undefined : `${match[1] ?? ''}:${port}`
}

/** `listen` in the form that transports take: `tcp://host:port`, `tls://host:port`, `unix:///path` or `memory://name`. */
export function listenAddress(listen: ListenConfig): string {
  const { network, addr, tls } = listen
  return `${network === 'tcp' && tls.enable ? 'tls' : network}://${addr}`
}
