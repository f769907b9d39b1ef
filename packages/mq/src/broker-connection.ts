import type { BridgeState } from '@frontier/exchange'
import { FrontierError, toFrontierError } from '@frontier/wire'
import type { BridgeLogger } from './bridge-options.js'
import type { BrokerDriver, BrokerSession, SessionEvents } from './broker-driver.js'
import { RetryPauses } from './retry-pauses.js'
import { withinTime } from './within-time.js'

/** What a client library that was told to give up may still take. */
const GIVE_UP_MS = 500

const SAID_AGAIN_MS = 60_000
const MAX_SAID = 100

/** What a connection tells its bridge. */
export interface BrokerConnectionOptions {
  readonly name: string
  readonly connectTimeoutMs: number
  readonly maxReconnectDelayMs: number
  readonly logger: BridgeLogger
  /** There is a session: it is used from now on. A rejection ends it again. */
  onSession(session: BrokerSession): Promise<void>
  /** It is gone. */
  onGone(error: FrontierError): void
  /** An attempt failed, with an error that the next attempt will not mend by itself. */
  onRefused(error: FrontierError): void
}

/** One session from its first attempt until it is gone. */
class SessionLife {
  session: BrokerSession | undefined = undefined
  isOver = false
  #isClosed = false
  /** Why it went. */
  readonly gone: Promise<FrontierError>
  #resolve!: (error: FrontierError) => void
  readonly #onGone: (error: FrontierError) => void

  constructor(onGone: (error: FrontierError) => void) {
    this.#onGone = onGone
    this.gone = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  /** Closes the session, the first time it is asked to. Never rejects, and does not wait for a client library that forgets the time. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#isClosed || this.session === undefined) return
    this.#isClosed = true
    await withinTime(this.session.close(timeoutMs), timeoutMs + GIVE_UP_MS).catch(() => undefined)
  }

  end(error: FrontierError): void {
    if (this.isOver) return
    this.isOver = true
    this.#onGone(error)
    this.#resolve(error)
  }
}

/** Keeps a broker connected: for ever, with a wait between attempts that grows and is random. */
export class BrokerConnection {
  state: BridgeState = 'connecting'
  /** Sessions after the first. */
  reconnects = 0
  lastError: { code: string; reason: string; at: number } | undefined = undefined
  readonly #driver: BrokerDriver
  readonly #options: BrokerConnectionOptions
  readonly #closing = new AbortController()
  /** The attempt to connect that is being made. */
  #attempt: AbortController | undefined = undefined
  #current: SessionLife | undefined = undefined
  #sessions = 0
  readonly #saidAt = new Map<string, number>()
  readonly #pauses: RetryPauses
  #loop: Promise<void> | undefined = undefined

  constructor(driver: BrokerDriver, options: BrokerConnectionOptions) {
    this.#driver = driver
    this.#options = options
    this.#pauses = new RetryPauses(options.maxReconnectDelayMs)
  }

  /** Begins. With `isRequired` it resolves once there is a session, or rejects with the error of the first attempt and lets it be at that. */
  async start(isRequired: boolean): Promise<void> {
    const first = isRequired ? await this.#open() : undefined
    this.#loop = this.#run(first)
  }

  /** Gives the session up, as if its connection had gone. */
  reset(error: FrontierError): void {
    this.#current?.end(error)
  }

  /** Makes no more sessions, and closes the one there is within `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.state = 'closed'
    this.#closing.abort()
    this.#attempt?.abort(new FrontierError('BRIDGE_UNAVAILABLE', 'the bridge was closed'))
    const current = this.#current
    await current?.close(timeoutMs)
    current?.end(new FrontierError('BRIDGE_UNAVAILABLE', 'the bridge was closed'))
    await this.#loop
  }

  get #isClosing(): boolean {
    return this.#closing.signal.aborted
  }

  async #run(first: SessionLife | undefined): Promise<void> {
    let life = first
    while (!this.#isClosing) {
      try {
        life ??= await this.#open()
        const openedAt = performance.now()
        const error = await life.gone
        if (performance.now() - openedAt >= this.#options.maxReconnectDelayMs) this.#pauses.reset()
        this.note(error, 'the connection to the broker is gone')
      } catch (thrown) {
        const error = thrown as FrontierError
        this.note(error, error.retryable ? 'the broker cannot be reached' : 'the broker does not take us')
        if (!error.retryable) this.#options.onRefused(error)
      }
      life = undefined
      await this.#pauses.next(this.#closing.signal)
    }
  }

  async #open(): Promise<SessionLife> {
    const { connectTimeoutMs } = this.#options
    // One of its own for each attempt: signals that depend on one that lives as long as the bridge would gather there.
    const attempt = (this.#attempt = new AbortController())
    const timer = setTimeout(() => {
      attempt.abort(new FrontierError('BRIDGE_UNAVAILABLE', `not connected within ${connectTimeoutMs} ms`))
    }, connectTimeoutMs)
    const life = new SessionLife((error) => this.#onGone(life, error))
    try {
      life.session = await unlessAborted(this.#driver.open(this.#eventsOf(life), attempt.signal), attempt.signal)
      clearTimeout(timer)
      if (life.isOver || this.#isClosing) throw new FrontierError('BRIDGE_UNAVAILABLE', 'the connection went before it was used')
      this.#current = life
      if (this.#sessions++ > 0) this.reconnects++
      this.state = 'online'
      this.#saidAt.clear()
      this.#options.logger.info({ bridge: this.#options.name }, 'connected to the broker')
      const whyGone = await Promise.race([this.#options.onSession(life.session), life.gone])
      if (whyGone !== undefined) throw whyGone
      return life
    } catch (thrown) {
      const error = toFrontierError(thrown, 'BRIDGE_UNAVAILABLE')
      life.end(error)
      void life.close(0)
      throw error
    } finally {
      clearTimeout(timer)
      this.#attempt = undefined
    }
  }

  #eventsOf(life: SessionLife): SessionEvents {
    return {
      onLost: (error) => {
        life.end(error)
      },
      onTrouble: (error) => {
        if (life.isOver || this.#isClosing) return
        this.state = 'offline'
        this.note(error, 'trouble with the connection to the broker')
      },
      onRecovered: () => {
        if (life.isOver || this.#isClosing || this.state === 'online') return
        this.state = 'online'
        this.reconnects++
      },
    }
  }

  #onGone(life: SessionLife, error: FrontierError): void {
    if (!this.#isClosing) this.state = 'offline'
    if (this.#current === life) {
      this.#current = undefined
      this.#options.onGone(error)
    }
    // The connection is gone, but timers and sockets of the library may not be.
    void life.close(0)
  }

  /** Keeps `error` for who asks how things are, and logs it with `what`: each attempt may fail alike, so what was said is said again once a minute. */
  note(error: FrontierError, what: string): void {
    if (this.state === 'closed') return
    const { code, reason } = error
    const at = Date.now()
    this.lastError = { code, reason, at }
    const text = `${what} ${code} ${reason}`
    if (at - (this.#saidAt.get(text) ?? 0) < SAID_AGAIN_MS) return
    if (this.#saidAt.size === MAX_SAID) this.#saidAt.clear()
    this.#saidAt.set(text, at)
    this.#options.logger.warn({ bridge: this.#options.name, code, reason }, what)
  }
}

/**
 * The session that `opening` makes. Rejects with the reason of `signal` when that aborts: once `opening` gives up, or soon, since a client library that does not hear of it
 * would keep us from ever connecting again. A session that comes too late is closed.
 */
function unlessAborted(opening: Promise<BrokerSession>, signal: AbortSignal): Promise<BrokerSession> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const onAbort = (): void => {
      timer = setTimeout(() => {
        reject(signal.reason as FrontierError)
      }, GIVE_UP_MS)
    }
    const settle = (error: unknown, session?: BrokerSession): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      if (!signal.aborted && session !== undefined) resolve(session)
      else reject(toFrontierError(signal.aborted ? signal.reason : error, 'BRIDGE_UNAVAILABLE'))
      if (signal.aborted) void session?.close(0).catch(() => undefined)
    }
    signal.addEventListener('abort', onAbort)
    opening.then((session) => {
      settle(undefined, session)
    }, settle)
  })
}
