import { Link } from '@frontier/mux'
import { listen, type BytePipe, type Listener, type Refusal } from '@frontier/transport'
import { FrontierError } from '@frontier/wire'
import type { Admission, AdmissionStart } from './admission.js'
import { AdmissionSlices } from './admission-slices.js'
import { DeadlineQueue } from './deadline-queue.js'
import { EdgeAdmission } from './edge-admission.js'
import type { GatewayCore } from './gateway-core.js'
import { Handshake, type Lobby } from './handshake.js'
import type { Hello } from './hello.js'
import type { HelloBudget } from './hello-budget.js'
import { ServiceAdmission } from './service-admission.js'
import type { SideSettings } from './settings.js'

/** Links that have not said all of their HELLO, per side: each may hold one incomplete frame of up to 32 KiB. */
const MAX_HANDSHAKES = 4096

/** One of the two sides on which peers dial in: turns pipes into links, and links that have said HELLO into admissions. */
export class GatewayListener implements Lobby {
  readonly waiting: DeadlineQueue<Handshake>
  readonly #core: GatewayCore
  readonly #side: SideSettings
  /** Links whose admission waits for its turn, or for somebody. */
  readonly #admissions = new Set<Admission>()
  readonly #slices = new AdmissionSlices()
  #listener: Listener | undefined = undefined

  constructor(core: GatewayCore, side: SideSettings) {
    this.#core = core
    this.#side = side
    this.waiting = new DeadlineQueue(core.sweep, side.helloTimeoutMs)
  }

  get budget(): HelloBudget {
    return this.#core.budget
  }

  /** Where it listens, with the real port. */
  get address(): string {
    return this.#listener!.address
  }

  /** Begins to listen. @throws UNAVAILABLE when it cannot, INVALID_ARGUMENT for TLS material that does not fit. */
  async open(): Promise<void> {
    const { address, tls, sniffTimeoutMs, role } = this.#side
    const { settings, refusals } = this.#core
    this.#listener = await listen(address, {
      sniffTimeoutMs,
      logger: settings.logger,
      ...(tls !== undefined && { tls }),
      onPipe: (pipe) => {
        this.#onPipe(pipe)
      },
      onRefused: (refusal: Refusal) => {
        refusals.add(refusal.reason)
        settings.logger.debug({ role, address: refusal.remoteAddress, reason: refusal.reason }, 'a connection was not let in')
      },
    })
  }

  admit(link: Link, hello: Hello, heldBytes: number): void {
    const start: AdmissionStart = { core: this.#core, side: this.#side, link, hello, heldBytes, unfinished: this.#admissions }
    const admission = this.#side.role === 'edge' ? new EdgeAdmission(start) : new ServiceAdmission(start)
    this.#slices.add(admission)
  }

  onRefused(link: Link, error: FrontierError): void {
    this.#core.countRefusal(link, this.#side.role, error)
  }

  /** Takes no more connections. */
  async stop(): Promise<void> {
    await this.#listener?.close()
  }

  /** Ends, with GOODBYE, what has not been let in yet. */
  turnAway(error: FrontierError): void {
    for (const handshake of this.waiting.members()) handshake.refuse(error)
    for (const admission of this.#admissions) admission.close(error)
  }

  /** No more deadlines. */
  close(): void {
    this.waiting.close()
  }

  #onPipe(pipe: BytePipe): void {
    if (this.waiting.size >= MAX_HANDSHAKES) {
      this.waiting.oldest()?.refuse(new FrontierError('RATE_LIMITED', 'too many links want to be let in at once'))
    }
    const handshake = new Handshake(this)
    handshake.begin(new Link(pipe, handshake, { clock: this.#core.sweep }))
  }
}
