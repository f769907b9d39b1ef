import { createHash, timingSafeEqual } from 'node:crypto'

import type { PeerIdentity } from '@frontier/transport'
import { FrontierError } from '@frontier/wire'

/** What somebody may do: look (read), or change things too (admin). */
export type AccessRole = 'read' | 'admin'

/** A bearer token and what it is good for. */
export interface TokenGrant {
  /** Who has it; the audit log says so. */
  name: string
  role: AccessRole
  token: string
}

/** A client certificate and what it is good for: by its subject, or by one of its alternative names. */
export interface CertificateGrant {
  name: string
  role: AccessRole
  /** As in `CN=ops,O=Acme`. */
  subject?: string | undefined
  /** With its kind, as in `DNS:ops.example.com` or `URI:spiffe://acme/ops`. */
  san?: string | undefined
}

/** Somebody who was let in. */
export interface Principal {
  readonly name: string
  readonly role: AccessRole
}

/** What a caller shows of itself. */
export interface Credential {
  /** The header of that name. */
  readonly authorization: string | undefined
  /** What its verified client certificate says. */
  readonly identity: PeerIdentity | undefined
}

interface HashedGrant {
  readonly principal: Principal
  readonly digest: Buffer
}

const ANONYMOUS: Principal = { name: 'anonymous', role: 'admin' }

/** Decides who is let in. Without a grant of either kind, everybody who can reach the port may do everything. */
export class Access {
  readonly #tokens: readonly HashedGrant[]
  readonly #certificates: readonly CertificateGrant[]

  constructor(tokens: readonly TokenGrant[], certificates: readonly CertificateGrant[]) {
    this.#tokens = tokens.map(({ name, role, token }) => ({ principal: { name, role }, digest: digestOf(token) }))
    this.#certificates = certificates
  }

  /** Whether nobody has to show anything. */
  get isOpen(): boolean {
    return this.#tokens.length === 0 && this.#certificates.length === 0
  }

  /** Who the caller is. A token, where there is one, goes before the certificate. @throws UNAUTHENTICATED */
  identify(credential: Credential): Principal {
    if (this.isOpen) return ANONYMOUS
    const { authorization, identity } = credential
    if (authorization !== undefined && authorization !== '') return this.#byToken(authorization)
    const grant = identity === undefined ? undefined : this.#certificates.find((known) => isOf(known, identity))
    if (grant === undefined) throw new FrontierError('UNAUTHENTICATED', 'a bearer token or a known client certificate is needed')
    return { name: grant.name, role: grant.role }
  }

  #byToken(authorization: string): Principal {
    const token = /^bearer +(\S+)$/i.exec(authorization)?.[1]
    if (token === undefined) throw new FrontierError('UNAUTHENTICATED', 'the authorization header is not a bearer token')
    const digest = digestOf(token)
    let found: Principal | undefined
    // All of them are compared, and digests of one length: how long it takes tells nothing.
    for (const grant of this.#tokens) if (timingSafeEqual(grant.digest, digest)) found ??= grant.principal
    if (found === undefined) throw new FrontierError('UNAUTHENTICATED', 'the bearer token is not accepted')
    return found
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

function isOf(grant: CertificateGrant, identity: PeerIdentity): boolean {
  if (grant.subject !== undefined) return grant.subject === identity.subject
  return grant.san !== undefined && identity.san?.includes(grant.san) === true
}
