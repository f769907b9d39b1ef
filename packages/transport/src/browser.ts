import { FrontierError } from '@frontier/wire'

import { formatAddress, toAddress, type Address } from './address.js'
import type { Listener } from './listener.js'
import { dialMemory, listenMemory } from './memory-listener.js'
import { resolveDialOptions, resolveSniffLimits, type DialOptions, type ListenOptions } from './options.js'
import type { BytePipe } from './pipe.js'
import type { StreamLike } from './stream-like.js'

function memoryName(text: string | Address): string {
  const address = toAddress(text)
  if (address.transport === 'memory') return address.name
  throw new FrontierError(
    'INVALID_ARGUMENT',
    `browsers have no ${address.transport} sockets (${formatAddress(address)}); WebSocket links come later`,
  )
}

/** Connects to a `memory://` address. Other addresses reject with INVALID_ARGUMENT: browsers have no such sockets. */
export async function dial(address: string | Address, options?: DialOptions): Promise<BytePipe> {
  const name = memoryName(address)
  const { signal } = resolveDialOptions(options)
  if (signal?.aborted === true) {
    throw new FrontierError('CANCELLED', `connecting to memory://${name} was given up`, { cause: signal.reason })
  }
  return dialMemory(name)
}

/** Listens at a `memory://` address. Other addresses reject with INVALID_ARGUMENT. */
export async function listen(address: string | Address, options: ListenOptions): Promise<Listener> {
  resolveSniffLimits(options)
  return listenMemory(memoryName(address), options)
}

/** Rejects with INVALID_ARGUMENT: browsers have no servers. */
export async function openServer(_server: object, address: Address): Promise<never> {
  throw new FrontierError('INVALID_ARGUMENT', `browsers have no servers to listen at ${formatAddress(address)}`)
}

/** Throws INVALID_ARGUMENT: browsers have no `node:stream`; read and write the stream itself. */
export function toDuplex(_stream: StreamLike): never {
  throw new FrontierError('INVALID_ARGUMENT', 'browsers have no node:stream; read and write the stream itself')
}
