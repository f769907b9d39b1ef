import { createHmac, createSecretKey, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto'
import { FrontierError } from '@frontier/wire'

const VERSION = 1
const SHORTEST_KEY_BYTES = 16
const roleCodes = { edge: 1, service: 2 } as const
// version u8 | role u8 | id u64 | generation u64 | expiry u64, unix milliseconds
const HEAD_BYTES = 26
const MAC_BYTES = 32
const TOKEN_CHARS = Math.ceil(((HEAD_BYTES + MAC_BYTES) * 4) / 3)

/** Whom a resume token speaks of. */
export interface ResumeClaim {
  role: 'edge' | 'service'
  id: bigint
  generation: number
}

/** A claim and who makes it. */
export interface ResumeFacts extends ResumeClaim {
  /** The subject of the peer's credential, when it has one: the token is worth nothing in another's hands. */
  subject?: string | undefined
}

/** What {@link ResumeTokens} can be told. */
export interface ResumeTokenOptions {
  /** At least 16 bytes, the same for all gateways of a cluster; random by default, which lasts as long as the process. */
  key?: Uint8Array | undefined
  ttlMs: number
  /** Unix milliseconds. */
  now?: () => number
}

/**
 * Makes and checks the tokens by which a peer proves to be the one it was: HMAC-SHA256 over role, id, generation, expiry and the subject of
 * its credential. The subject is not in the token, only under the HMAC.
 */
export class ResumeTokens {
  readonly #key: KeyObject
  readonly #ttlMs: number
  readonly #now: () => number

  /** @throws INVALID_ARGUMENT when the key has less than 16 bytes. */
  constructor(options: ResumeTokenOptions) {
    const key = options.key ?? randomBytes(32)
    if (key.length < SHORTEST_KEY_BYTES) {
      throw new FrontierError('INVALID_ARGUMENT', `the resume key has ${key.length} bytes, at least ${SHORTEST_KEY_BYTES} are needed`)
    }
    this.#key = createSecretKey(key)
    this.#ttlMs = options.ttlMs
    this.#now = options.now ?? Date.now
  }

  /** A token for one welcome. */
  issue(facts: ResumeFacts): string {
    const token = Buffer.allocUnsafe(HEAD_BYTES + MAC_BYTES)
    token[0] = VERSION
    token[1] = roleCodes[facts.role]
    token.writeBigUInt64BE(facts.id, 2)
    token.writeBigUInt64BE(BigInt(facts.generation), 10)
    token.writeBigUInt64BE(BigInt(Math.floor(this.#now() + this.#ttlMs)), 18)
    token.set(this.#mac(token.subarray(0, HEAD_BYTES), facts.subject), HEAD_BYTES)
    return token.toString('base64url')
  }

  /** What `text` proves for a peer of this role and subject; undefined when it proves nothing: forged, run out, or somebody else's. */
  verify(text: string, role: 'edge' | 'service', subject: string | undefined): ResumeClaim | undefined {
    if (text.length !== TOKEN_CHARS) return undefined
    const token = Buffer.from(text, 'base64url')
    if (token.length !== HEAD_BYTES + MAC_BYTES) return undefined
    const head = token.subarray(0, HEAD_BYTES)
    if (!timingSafeEqual(token.subarray(HEAD_BYTES), this.#mac(head, subject))) return undefined
    if (head[0] !== VERSION || head[1] !== roleCodes[role]) return undefined
    if (token.readBigUInt64BE(18) < BigInt(Math.floor(this.#now()))) return undefined
    return { role, id: token.readBigUInt64BE(2), generation: Number(token.readBigUInt64BE(10)) }
  }

  #mac(head: Uint8Array, subject = ''): Buffer {
    return createHmac('sha256', this.#key).update(head).update(subject, 'utf8').digest()
  }
}
