import { FrontierError } from '@frontier/wire'

/** How long to wait at most (Infinity = no limit), and a signal that gives up before. */
export interface WaitOptions {
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
}

/** The longest delay a timer takes; beyond it they fire at once. */
const MAX_TIMER_MS = 2_147_483_647

/** The CANCELLED error of a signal that aborted, with its reason as the cause. */
export function cancelled(signal: AbortSignal): FrontierError {
  return new FrontierError('CANCELLED', 'the caller gave up', { cause: signal.reason })
}

function timedOut(): FrontierError {
  return new FrontierError('TIMEOUT', 'the time budget ran out')
}

/** A promise that settles once: by its owner, at its deadline, or by a signal (CANCELLED). Neither timer nor listener outlives that. */
export class Wait<T> {
  readonly promise: Promise<T>
  /** Called once when the promise settles, however it does. */
  onSettled: (() => void) | undefined = undefined
  #resolve!: (value: T) => void
  #reject!: (error: unknown) => void
  #timer: ReturnType<typeof setTimeout> | undefined = undefined
  #isSettled = false
  readonly #signal: AbortSignal | undefined
  readonly #onAbort = (): void => this.reject(cancelled(this.#signal!))

  /** `onTimeout` makes the error of the deadline; a TIMEOUT without it. */
  constructor(options: WaitOptions = {}, onTimeout: () => FrontierError = timedOut) {
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#signal = options.signal
    if (options.signal?.aborted === true) {
      this.reject(cancelled(options.signal))
      return
    }
    options.signal?.addEventListener('abort', this.#onAbort)
    const timeoutMs = options.timeoutMs ?? Number.POSITIVE_INFINITY
    if (timeoutMs <= MAX_TIMER_MS) this.#timer = setTimeout(() => this.reject(onTimeout()), timeoutMs)
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Fulfils the promise unless it has settled before. */
  resolve(value: T): void {
    if (!this.#settle()) return
    this.#resolve(value)
    this.onSettled?.()
  }

  /** Rejects the promise unless it has settled before. */
  reject(error: unknown): void {
    if (!this.#settle()) return
    this.#reject(error)
    this.onSettled?.()
  }

  #settle(): boolean {
    if (this.#isSettled) return false
    this.#isSettled = true
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#onAbort)
    return true
  }
}

/** Resolves after `delayMs`. @throws CANCELLED when the signal aborts before. */
export function delay(delayMs: number, signal: AbortSignal): Promise<void> {
  const wait = new Wait<void>({ signal })
  const timer = setTimeout(() => wait.resolve(), delayMs)
  wait.onSettled = () => clearTimeout(timer)
  if (wait.isSettled) clearTimeout(timer)
  return wait.promise
}

/** `promise`, but no longer than `options` say; what it does later is ignored. */
export function within<T>(promise: Promise<T>, options: WaitOptions, onTimeout?: () => FrontierError): Promise<T> {
  const wait = new Wait<T>(options, onTimeout)
  promise.then(
    (value) => wait.resolve(value),
    (error: unknown) => wait.reject(error),
  )
  return wait.promise
}
