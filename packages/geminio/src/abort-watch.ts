/** Told when a signal aborts. */
export interface AbortListener {
  onAbort(): void
}

/** All that wait for one signal. One listener on the signal serves them: an application's shutdown signal may be on thousands of calls at once. */
class AbortWatch {
  readonly listeners = new Set<AbortListener>()

  handleEvent(): void {
    for (const listener of [...this.listeners]) listener.onAbort()
  }
}

const watches = new WeakMap<AbortSignal, AbortWatch>()

/** Tells `listener` when `signal` aborts, until {@link unwatchAbort}. */
export function watchAbort(signal: AbortSignal, listener: AbortListener): void {
  let watch = watches.get(signal)
  if (watch === undefined) {
    watch = new AbortWatch()
    watches.set(signal, watch)
    signal.addEventListener('abort', watch)
  }
  watch.listeners.add(listener)
}

/** Takes `listener` off; with the last one nothing is left on the signal. */
export function unwatchAbort(signal: AbortSignal, listener: AbortListener): void {
  const watch = watches.get(signal)
  if (watch === undefined || !watch.listeners.delete(listener) || watch.listeners.size > 0) return
  watches.delete(signal)
  signal.removeEventListener('abort', watch)
}
