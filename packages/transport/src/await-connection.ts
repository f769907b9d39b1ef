import type { Socket } from 'node:net'

import { FrontierError } from '@frontier/wire'

import { dialFailed } from './system-error.js'

/** What a dial waits for, and what ends it. */
export interface ConnectionWait<Result> {
  readonly event: 'connect' | 'secureConnect'
  /** The address, for messages. */
  readonly name: string
  readonly signal: AbortSignal | undefined
  readonly timeoutMs: number
  /** Takes the connected socket over, within the event: a moment later an error of it would be nobody's. */
  readonly take: () => Result
}

/** setTimeout takes no more. */
const MAX_TIMER_MS = 0x7fffffff

/**
 * Resolves with what `take` returns once the socket is connected. Rejects with UNAVAILABLE, TIMEOUT or CANCELLED, with the socket destroyed; leaves no
 * timer and no listener, except one that takes late errors of a destroyed socket.
 */
export function awaitConnection<Result>(socket: Socket, wait: ConnectionWait<Result>): Promise<Result> {
  const { event, name, signal, timeoutMs, take } = wait
  return new Promise((resolve, reject) => {
    const timer =
      timeoutMs > MAX_TIMER_MS
        ? undefined
        : setTimeout(() => fail(new FrontierError('TIMEOUT', `no connection to ${name} within ${timeoutMs} ms`)), timeoutMs)
    const onConnected = (): void => {
      forget()
      resolve(take())
    }
    const onError = (error: Error): void => fail(dialFailed(name, error))
    const onClose = (): void => fail(dialFailed(name, new Error('the connection was closed at once')))
    const onAbort = (): void =>
      fail(new FrontierError('CANCELLED', `connecting to ${name} was given up`, { cause: signal?.reason }))
    function forget(): void {
      clearTimeout(timer)
      socket.off(event, onConnected).off('error', onError).off('close', onClose)
      signal?.removeEventListener('abort', onAbort)
    }
    function fail(error: FrontierError): void {
      forget()
      socket.on('error', ignore)
      socket.destroy()
      reject(error)
    }
    socket.once(event, onConnected).once('error', onError).once('close', onClose)
    signal?.addEventListener('abort', onAbort)
  })
}

function ignore(): void {
  // The dial has failed already.
}
