import { FrontierError } from '@frontier/wire'

import { toAddress, type Address } from './address.js'
import { listenMemory } from './memory-listener.js'
import type { Listener } from './listener.js'
import { listenSocket } from './listen-socket.js'
import { resolveSniffLimits, type ListenOptions } from './options.js'
import type { StreamAcceptor, StreamLike } from './stream-like.js'
import { StreamServer } from './stream-server.js'

/**
 * Listens on an address; resolves when it does. Connections become pipes once their first byte is a Frontier frame's; others are closed and told to
 * `onRefused`. Rejects with INVALID_ARGUMENT, or with UNAVAILABLE and the reason in plain words. An end instead of an address gives a `net.Server`-like
 * acceptor of the streams that reach it.
 */
export function listen(address: string | Address, options: ListenOptions): Promise<Listener>
export function listen<Stream extends StreamLike>(end: StreamAcceptor<Stream>): StreamServer<Stream>
export function listen(
  target: string | Address | StreamAcceptor,
  options?: ListenOptions,
): Promise<Listener> | StreamServer {
  if (typeof target === 'object' && 'onStream' in target) return new StreamServer(target)
  return listenAt(target, options)
}

async function listenAt(text: string | Address, options: ListenOptions | undefined): Promise<Listener> {
  const address = toAddress(text)
  if (options === undefined) throw new FrontierError('INVALID_ARGUMENT', 'listen needs options.onPipe, which takes the pipes')
  if (address.transport !== 'memory') return listenSocket(address, options)
  resolveSniffLimits(options)
  return listenMemory(address.name, options)
}
