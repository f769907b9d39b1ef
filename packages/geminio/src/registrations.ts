import { FrameType, FrontierError, isFrontierError } from '@frontier/wire'
import type { Channel } from './channel.js'
import type { Handler } from './request.js'
import { Wait, type WaitOptions } from './wait.js'

interface Registration {
  readonly name: string
  /** Who waits to hear that callers can reach it. */
  wait: Wait<void> | undefined
  /** Aborts the REGISTER that was sent and is not answered. */
  asked: AbortController | undefined
}

/**
 * The methods of one end. Known ones ride in each hello; what is added or taken away while a link is up goes out as REGISTER and UNREGISTER; what
 * happened between a hello and its welcome is made good at the welcome.
 */
export class Registrations {
  readonly #channel: Channel
  readonly #entries = new Map<string, Registration>()
  /** While a link is up; aborts what was asked on it. */
  #online: AbortController | undefined = undefined

  constructor(channel: Channel) {
    this.#channel = channel
  }

  /** The names to present in a hello. */
  get names(): string[] {
    return [...this.#entries.keys()]
  }

  /** Serves `name` from the first link on, without telling when callers can reach it. @throws INVALID_ARGUMENT when it is registered already */
  preset(name: string, handler: Handler): Disposable {
    return this.#add({ name, wait: undefined, asked: undefined }, handler)
  }

  /**
   * Serves `name`; resolves when callers can reach it.
   * @throws INVALID_ARGUMENT when it is registered already, UNAVAILABLE when no link came up in time, TIMEOUT, CANCELLED, what the gateway answered
   */
  async register(name: string, handler: Handler, options: WaitOptions): Promise<Disposable> {
    const wait = new Wait<void>(options, () =>
      this.#online === undefined
        ? new FrontierError('UNAVAILABLE', `no link came up to register '${name}' on`)
        : new FrontierError('TIMEOUT', `the gateway did not confirm the registration of '${name}' in time`),
    )
    const registration: Registration = { name, wait, asked: undefined }
    let disposable: Disposable
    try {
      disposable = this.#add(registration, handler)
    } catch (error) {
      wait.reject(error)
      await wait.promise
      throw error
    }
    if (this.#online !== undefined && !wait.isSettled) this.#send(registration)
    try {
      await wait.promise
    } catch (error) {
      disposable[Symbol.dispose]()
      throw error
    }
    return disposable
  }

  /** A link is up whose hello presented `announced`. */
  onWelcome(announced: readonly string[]): void {
    this.#online?.abort()
    const online = (this.#online = new AbortController())
    const known = new Set(announced)
    for (const name of announced) if (!this.#entries.has(name)) this.#sendRemoval(name, online)
    for (const registration of this.#entries.values()) {
      if (known.has(registration.name)) confirm(registration)
      else this.#send(registration)
    }
  }

  /** The link is gone or takes nothing new: what it has not confirmed rides in the next hello. */
  onLinkGone(): void {
    const online = this.#online
    this.#online = undefined
    online?.abort()
    for (const { asked } of this.#entries.values()) asked?.abort()
  }

  /** No link will come any more. */
  end(error: FrontierError): void {
    this.onLinkGone()
    for (const { wait } of this.#entries.values()) wait?.reject(error)
  }

  #add(registration: Registration, handler: Handler): Disposable {
    const { name } = registration
    if (this.#entries.has(name)) throw new FrontierError('INVALID_ARGUMENT', `'${name}' is registered already`)
    this.#entries.set(name, registration)
    this.#channel.setHandler(name, handler)
    return {
      [Symbol.dispose]: () => {
        // Only its own: the name may have been registered anew.
        if (this.#entries.get(name) !== registration) return
        this.#entries.delete(name)
        this.#channel.removeHandler(name)
        registration.asked?.abort()
        if (this.#online !== undefined) this.#sendRemoval(name, this.#online)
      },
    }
  }

  #send(registration: Registration): void {
    const asked = (registration.asked = new AbortController())
    const request = { type: FrameType.REGISTER, key: registration.name }
    this.#channel.request(request, { timeoutMs: Number.POSITIVE_INFINITY, signal: asked.signal }).then(
      () => confirm(registration),
      (error: unknown) => {
        // The link went: the next hello takes it along.
        if (asked.signal.aborted || (isFrontierError(error) && error.code === 'EOF')) return
        registration.wait?.reject(error)
      },
    )
  }

  #sendRemoval(name: string, online: AbortController): void {
    const request = { type: FrameType.UNREGISTER, key: name }
    // Nobody waits for it; if it fails the link is gone, and the next hello does not have the name.
    this.#channel.request(request, { timeoutMs: Number.POSITIVE_INFINITY, signal: online.signal }).catch(() => undefined)
  }
}

function confirm(registration: Registration): void {
  registration.wait?.resolve()
  registration.wait = undefined
  registration.asked = undefined
}
