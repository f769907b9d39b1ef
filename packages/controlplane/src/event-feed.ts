import { FrontierError } from '@frontier/wire'

import type { ControlPlaneBackend, GatewayEvent } from './backend.js'

/** Events that may wait for one watcher; one more, and it is ended. */
const MAX_QUEUED = 8_192
/** Watchers at once. */
const MAX_WATCHERS = 1_024

/** What a watcher wants to hear of. */
export type EventTest = (event: GatewayEvent) => boolean

/** Hands the gateway's events to those that watch, each at its own pace: who is too slow is ended, and holds nobody up. */
export class EventFeed {
  readonly #backend: ControlPlaneBackend
  #watchers = 0

  constructor(backend: ControlPlaneBackend) {
    this.#backend = backend
  }

  /** How many watch now. */
  get watchers(): number {
    return this.#watchers
  }

  /**
   * The events from now on that pass `test`, until `signal` aborts. The watching begins with this call, not with the first step.
   * @throws RATE_LIMITED when too many watch already. The iteration fails with BUFFER_FULL when it is too far behind, after what was queued by then.
   */
  watch(test: EventTest, signal: AbortSignal): AsyncGenerator<GatewayEvent, void> {
    if (this.#watchers >= MAX_WATCHERS) throw new FrontierError('RATE_LIMITED', `${MAX_WATCHERS} watch already, more are not allowed`)
    this.#watchers++
    const queue: GatewayEvent[] = []
    let isLost = false
    let wake: (() => void) | undefined
    const watching = this.#backend.watch((event) => {
      if (isLost || !test(event)) return
      if (queue.length < MAX_QUEUED) queue.push(event)
      else {
        isLost = true
        watching[Symbol.dispose]()
      }
      wake?.()
    })
    const onAbort = (): void => wake?.()
    signal.addEventListener('abort', onAbort)
    let isOver = false
    const end = (): void => {
      if (isOver) return
      isOver = true
      this.#watchers--
      watching[Symbol.dispose]()
      signal.removeEventListener('abort', onAbort)
    }
    // A generator that was never started runs no `finally`: the end of the call does it then.
    signal.addEventListener('abort', end, { once: true })
    return drain()

    async function* drain(): AsyncGenerator<GatewayEvent, void> {
      try {
        while (!signal.aborted) {
          // In one go: taking the first of thousands of a list again and again costs more than the list.
          yield* queue.splice(0)
          if (queue.length > 0) continue
          if (isLost) throw new FrontierError('BUFFER_FULL', `more than ${MAX_QUEUED} events waited; list again and watch anew`)
          await new Promise<void>((resolve) => {
            wake = resolve
            if (signal.aborted || queue.length > 0) resolve()
          })
        }
      } finally {
        end()
      }
    }
  }
}
