import { Peer, type PeerInfo } from '@frontier/exchange'
import type { Link, LinkHandler } from '@frontier/mux'
import type { PeerIdentity } from '@frontier/transport'
import { FIRST_IGNORED_TYPE, FrameType, FrontierError, isFrontierError, readType } from '@frontier/wire'
import type { GatewayCore } from './gateway-core.js'
import type { Hello } from './hello.js'
import type { Holder, IdClaims } from './id-claims.js'
import type { ResumeClaim } from './resume-token.js'
import type { SideSettings } from './settings.js'
import { encodeWelcome } from './welcome.js'

/** What both roles' admissions begin with. */
export interface AdmissionStart {
  core: GatewayCore
  side: SideSettings
  link: Link
  hello: Hello
  /** Bytes of the HELLO budget that this link holds until it is in or out. */
  heldBytes: number
  /** Where it is found as long as it is neither in nor refused. */
  unfinished: Set<Admission>
}

/**
 * A link between its HELLO and its WELCOME. Where nobody has to be asked, all of it happens in one go. The link sends nothing meanwhile; whatever
 * goes wrong refuses it with GOODBYE.
 */
export abstract class Admission implements LinkHandler, Holder {
  identity: PeerIdentity | undefined = undefined
  /** In, or refused. */
  isOver = false
  protected readonly core: GatewayCore
  protected readonly side: SideSettings
  protected readonly hello: Hello
  protected readonly claims: IdClaims
  /** What the presented resume token proves. */
  protected resume: ResumeClaim | undefined = undefined
  /** The id that it gets if it gets in. */
  protected idInQuestion: bigint | undefined = undefined
  readonly #link: Link
  readonly #start: AdmissionStart
  #claimedId: bigint | undefined = undefined

  constructor(start: AdmissionStart, claims: IdClaims) {
    this.core = start.core
    this.side = start.side
    this.#link = start.link
    this.hello = start.hello
    this.#start = start
    this.claims = claims
    start.unfinished.add(this)
    this.#link.handler = this
  }

  /** Remote address. */
  protected get address(): string {
    return this.#link.pipe.remoteAddress
  }

  /** Begins; until then the link waits. */
  begin(): void {
    this.step(() => {
      this.#check()
      const identity = this.core.credentials.check(this.#applicant())
      if (identity instanceof Promise) this.#await(identity)
      else this.#identified(identity)
    })
  }

  /** Ends the link with GOODBYE. */
  close(error: FrontierError): void {
    this.#link.close(error, error.origin !== 'peer')
  }

  onControlFrame(bytes: Uint8Array, start: number): void {
    const type = readType(bytes, start)
    if (type === FrameType.GOODBYE) this.#link.close(new FrontierError('EOF', 'the dialler said goodbye'))
    else if (type < FIRST_IGNORED_TYPE) throw new FrontierError('PROTOCOL_ERROR', 'nothing may be sent between HELLO and WELCOME')
  }

  onStreamFrame(): void {
    throw new FrontierError('PROTOCOL_ERROR', 'nothing may be sent between HELLO and WELCOME')
  }

  onWritable(): void {
    // Nothing waits to be written.
  }

  onClosed(error: FrontierError): void {
    if (this.isOver) return
    this.#finish()
    this.core.countRefusal(this.#link, this.side.role, error, { id: this.idInQuestion ?? this.hello.wantedId, name: this.hello.name })
    this.onRefused()
  }

  /** Goes on with an id of its own choice, once it is known who the link is. */
  protected abstract onIdentified(): void
  /** The link is not let in, for whatever reason. */
  protected abstract onRefused(): void
  /** The link is in, and has its WELCOME. */
  protected abstract onEntered(peer: Peer): void

  /** Runs one step, unless the link is over; what it throws refuses the link. */
  protected step(run: () => void): void {
    if (this.isOver) return
    try {
      run()
    } catch (thrown) {
      this.refuse(thrown)
    }
  }

  protected refuse(thrown: unknown): void {
    if (this.isOver) return
    if (isFrontierError(thrown)) {
      this.close(thrown)
      return
    }
    this.core.settings.logger.error({ error: thrown }, 'a link could not be let in')
    this.close(new FrontierError('UNAVAILABLE', 'the gateway failed to let the link in'))
  }

  /** Claims `id`, replacing whoever has it. @throws ILLEGAL_EDGE_ID when it may not, RATE_LIMITED when there are too many peers. */
  protected claim(id: bigint, isProven: boolean): void {
    this.claims.take(id, this, isProven)
    this.#claimedId = id
    this.#checkRoom() // behind the take-over: it also takes the place over
  }

  /** Whether the resume token proves that the peer had `id`. */
  protected isResumed(id: bigint): boolean {
    return this.resume?.id === id
  }

  /** Who the peer is, with `id`, from now on. */
  protected describe(id: bigint): PeerInfo {
    const { name, meta, labels, wantedId, role } = this.hello
    const generation = this.core.generations.next(this.isResumed(id) ? this.resume?.generation : 0)
    return {
      role,
      id,
      name,
      meta,
      labels,
      address: this.address,
      generation,
      at: Date.now(),
      ...(this.identity !== undefined && { identity: this.identity }),
      ...(wantedId !== undefined && { wantedId }),
    }
  }

  /** Lets the link in. @throws DRAINING, and what the exchange refuses. */
  protected enter(info: PeerInfo): void {
    const { core, side, hello } = this
    const { settings } = core
    this.#checkOpen()
    this.#checkRoom()
    const peer = new Peer(core.exchange, this.#link, info)
    core.exchange.add(peer, hello)
    this.#finish()
    this.#link.handler = peer
    this.#link.maxFrameBytes = settings.maxFrameBytes
    const { role, id, generation } = info
    this.#link.sendControl(
      encodeWelcome({
        id,
        generation,
        resume: core.tokens.issue({ role, id, generation, subject: info.identity?.subject }),
        isResumed: this.isResumed(id),
        pingIntervalMs: side.pingIntervalMs,
        maxFrameBytes: settings.maxFrameBytes,
        maxPayloadBytes: Math.min(settings.maxPayloadBytes, hello.maxPayloadBytes),
        maxInFlight: side.limits.maxAsked,
        gateway: core.startId,
      }),
    )
    core.entered(peer)
    this.onEntered(peer)
  }

  #check(): void {
    const { hello, side, core } = this
    if (hello.role !== side.role) throw new FrontierError('PROTOCOL_ERROR', `this is the port of ${side.role}s, and ${hello.role}s have another`)
    const { maxFrameBytes } = core.settings
    // Frames are forwarded as they are: what one peer may send, every other one must take.
    if (hello.maxFrameBytes < maxFrameBytes) {
      throw new FrontierError('PROTOCOL_ERROR', `frames here have up to ${maxFrameBytes} bytes, the dialler takes ${hello.maxFrameBytes}`)
    }
    this.#checkOpen()
  }

  #checkOpen(): void {
    if (this.core.isDraining) throw new FrontierError('DRAINING', 'the gateway is going away')
  }

  #checkRoom(): void {
    const { role, maxLinks } = this.side
    if (this.core.live.of(role).size >= maxLinks) throw new FrontierError('RATE_LIMITED', `${maxLinks} ${role}s are connected, more are not allowed`)
  }

  #applicant(): Parameters<GatewayCore['credentials']['check']>[0] {
    const { role, name, token, wantedId, meta, labels, agent } = this.hello
    const { remoteAddress, identity } = this.#link.pipe
    return { role, name, token, wantedId, meta, labels, agent, address: remoteAddress, certificate: identity }
  }

  #await(identity: Promise<PeerIdentity | undefined>): void {
    identity.then(
      (found) => {
        this.step(() => {
          this.#identified(found)
        })
      },
      (thrown: unknown) => {
        this.refuse(thrown)
      },
    )
  }

  #identified(identity: PeerIdentity | undefined): void {
    this.identity = identity
    const { resume, role } = this.hello
    if (resume !== undefined) this.resume = this.core.tokens.verify(resume, role, identity?.subject)
    this.onIdentified()
  }

  #finish(): void {
    this.isOver = true
    this.#start.unfinished.delete(this)
    this.core.budget.release(this.#start.heldBytes)
    if (this.#claimedId !== undefined) this.claims.release(this.#claimedId, this)
  }
}
