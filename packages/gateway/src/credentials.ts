import type { PeerIdentity } from '@frontier/transport'
import { FrontierError, isFrontierError } from '@frontier/wire'
import type { Deadlined, DeadlineQueue } from './deadline-queue.js'

/** Who asks to be let in, as it presents itself. */
export interface Applicant {
  role: 'edge' | 'service'
  /** Name of a service; '' for an edge or an unnamed service. */
  name: string
  token: string | undefined
  wantedId: bigint | undefined
  meta: Uint8Array
  labels: Readonly<Record<string, string>>
  /** Remote address. */
  address: string
  /** What its verified client certificate says. */
  certificate: PeerIdentity | undefined
  /** Software and version it says it is; '' = it does not say. */
  agent: string
}

/**
 * Decides who is let in, once per link. Returns who it is, or nothing: then the client certificate tells. A thrown FrontierError refuses with its
 * code (UNAUTHENTICATED, PERMISSION_DENIED), any other throw with UNAUTHENTICATED and no details.
 */
export type Authenticate = (applicant: Applicant) => PeerIdentity | undefined | Promise<PeerIdentity | undefined>

/** The one place where a credential is checked. Without an {@link Authenticate} everybody is let in. */
export class Credentials {
  readonly #authenticate: Authenticate | undefined
  readonly #waiting: DeadlineQueue<Deadlined>
  readonly #onFault: (thrown: unknown) => void

  /** `onFault` is told what was thrown and is kept from the peer. */
  constructor(authenticate: Authenticate | undefined, waiting: DeadlineQueue<Deadlined>, onFault: (thrown: unknown) => void) {
    this.#authenticate = authenticate
    this.#waiting = waiting
    this.#onFault = onFault
  }

  /**
   * Who `applicant` is: at once when nobody has to be asked, else a promise that settles within the time of the queue.
   * @throws the refusal, at once or as a rejection.
   */
  check(applicant: Applicant): PeerIdentity | undefined | Promise<PeerIdentity | undefined> {
    if (this.#authenticate === undefined) return applicant.certificate
    let answer: PeerIdentity | undefined | Promise<PeerIdentity | undefined>
    try {
      answer = this.#authenticate(applicant)
    } catch (thrown) {
      throw this.#refusal(thrown)
    }
    return isPromise(answer) ? this.#within(answer, applicant) : (answer ?? applicant.certificate)
  }

  #within(answer: Promise<PeerIdentity | undefined>, applicant: Applicant): Promise<PeerIdentity | undefined> {
    return new Promise((resolve, reject) => {
      const entry: Deadlined = {
        deadlineTick: 0,
        onDeadline() {
          reject(new FrontierError('TIMEOUT', 'the credential was not checked in time'))
        },
      }
      this.#waiting.add(entry)
      Promise.resolve(answer)
        .then(
          (identity) => {
            resolve(identity ?? applicant.certificate)
          },
          (thrown: unknown) => {
            reject(this.#refusal(thrown))
          },
        )
        .finally(() => {
          this.#waiting.remove(entry)
        })
    })
  }

  #refusal(thrown: unknown): FrontierError {
    if (isFrontierError(thrown)) return thrown
    this.#onFault(thrown)
    return new FrontierError('UNAUTHENTICATED', 'the credential was not accepted')
  }
}

/** Also those of other libraries: taken for an identity, a promise would let everybody in. */
function isPromise<T extends object>(value: T | undefined | Promise<T | undefined>): value is Promise<T | undefined> {
  return value !== undefined && 'then' in value
}

/** Whether the two are the same somebody, by their credentials. Those without a subject are nobody. */
export function isSameSubject(one: PeerIdentity | undefined, other: PeerIdentity | undefined): boolean {
  return one?.subject !== undefined && one.subject !== '' && one.subject === other?.subject
}
