import { FrontierError } from '@frontier/wire'

import type { Listener } from './listener.js'
import { MemoryPipe } from './memory-pipe.js'
import { nextTurn } from './next-turn.js'
import type { ListenOptions } from './options.js'
import type { BytePipe } from './pipe.js'

/** Who listens where in this process. */
const listeners = new Map<string, ListenOptions>()

/** Listens at `memory://name` in this process. Throws UNAVAILABLE when the name is taken. */
export function listenMemory(name: string, options: ListenOptions): Listener {
  if (listeners.has(name)) throw new FrontierError('UNAVAILABLE', `cannot listen on memory://${name}: the name is in use`)
  listeners.set(name, options)
  const close = async (): Promise<void> => {
    if (listeners.get(name) === options) listeners.delete(name)
  }
  return { address: `memory://${name}`, close, [Symbol.asyncDispose]: close }
}

/** Connects to `memory://name`; rejects with UNAVAILABLE when nothing listens there. */
export async function dialMemory(name: string): Promise<BytePipe> {
  const options = listeners.get(name)
  if (options === undefined) {
    throw new FrontierError('UNAVAILABLE', `cannot connect to memory://${name}: nothing listens there in this process`)
  }
  const [near, far] = MemoryPipe.pair(name)
  await new Promise<void>(nextTurn)
  handOver(far, options)
  return near
}

/** Gives a pipe to its listener's owner; what that throws closes the pipe, and nothing else. */
export function handOver(pipe: BytePipe, options: ListenOptions): void {
  try {
    options.onPipe(pipe)
  } catch (error) {
    options.logger?.warn({ error, remoteAddress: pipe.remoteAddress }, 'onPipe threw: the connection is closed')
    pipe.destroy()
  }
}
