import type { ConnectionOptions } from 'node:tls'

import type { BatchLimits } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import { credsAuthenticator, nkeyAuthenticator, type Authenticator, type TlsOptions } from 'nats'

import type { JetStreamOptions, NatsBridgeOptions, NatsTlsOptions } from './nats-bridge-options.js'
import { patternFault } from './nats-subject.js'

/** A server. */
export interface NatsAddress {
  readonly host: string
  readonly port: number
}

/** What the library's TLS options are at run time: it hands all of them to Node. */
export interface NatsTls extends TlsOptions {
  rejectUnauthorized?: boolean
  servername?: string
  checkServerIdentity?: ConnectionOptions['checkServerIdentity'] & {}
}

/** {@link JetStreamOptions}, checked, with every default in its place. */
export interface JetStreamSettings {
  readonly name: string
  readonly subjects: readonly string[]
  readonly create: boolean
  readonly storage: 'file' | 'memory'
  readonly replicas: number
  readonly maxAgeMs: number | undefined
  readonly maxBytes: number | undefined
  readonly duplicateWindowMs: number
  readonly publishTimeoutMs: number
}

/** {@link NatsBridgeOptions}, checked, with every default in its place. */
export interface NatsSettings {
  readonly addresses: readonly NatsAddress[]
  readonly login: { readonly user?: string; readonly pass?: string; readonly token?: string; readonly authenticator?: Authenticator }
  readonly tls: NatsTls | undefined
  readonly clientName: string
  readonly pingIntervalMs: number
  readonly connectTimeoutMs: number
  readonly batch: BatchLimits
  readonly jetStream: JetStreamSettings | undefined
}

// A stream takes 10,000 messages that it has not stored yet from everybody, and refuses more: 4,096 of ours.
const JETSTREAM_BATCH: BatchLimits = { maxMessages: 256, maxBytes: 1_048_576, maxBatches: 16, lingerMs: 0 }
const CORE_BATCH: BatchLimits = { maxMessages: 1_024, maxBytes: 1_048_576, maxBatches: 4, lingerMs: 0 }

/** Checks `options`. @throws INVALID_ARGUMENT, with the reason, for what does not hold. */
export function natsSettings(options: NatsBridgeOptions): NatsSettings {
  const { addresses, user, password } = options
  // From untyped configuration there may be none at all.
  if (!Array.isArray(addresses) || addresses.length === 0) throw invalid('no addresses')
  const urls = addresses.map((address) => urlOf(String(address)))
  const login = loginOf({ ...options, ...inAddress(urls, user, password) })
  const isTls = urls.some(({ protocol }) => protocol === 'tls:')
  return {
    addresses: urls.map(({ hostname, port }) => ({ host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? 4222 : Number(port) })),
    login,
    tls: tlsOf(options.tls ?? isTls),
    clientName: options.clientName ?? 'frontier',
    pingIntervalMs: count('pingIntervalMs', options.pingIntervalMs, 10_000),
    connectTimeoutMs: count('connectTimeoutMs', options.connectTimeoutMs, 10_000),
    batch: options.jetStream === undefined ? CORE_BATCH : JETSTREAM_BATCH,
    jetStream: options.jetStream && jetStreamOf(options.jetStream, options.topics ?? []),
  }
}

function invalid(reason: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', `nats: ${reason}`)
}

function count(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (!Number.isInteger(value) || value < 1 || value > 0x7fff_ffff) throw invalid(`${name} has to be a whole number from 1, got ${value}`)
  return value
}

function urlOf(address: string): URL {
  try {
    // A scheme that URL does not know would not have a host of its own.
    const url = new URL(/^[a-z]+:\/\//i.test(address) ? address : `nats://${address}`)
    if ((url.protocol === 'nats:' || url.protocol === 'tls:') && url.hostname !== '' && url.port !== '0' && /^\/?$/.test(url.pathname)) return url
  } catch {
    // Told below.
  }
  throw invalid(`${JSON.stringify(address)} is not host:port, nats://host:port or tls://host:port`)
}

/** user:password@ of addresses: one for all, as the options have it. */
function inAddress(urls: readonly URL[], user: string | undefined, password: string | undefined): { user: string | undefined; password: string | undefined } {
  const url = urls.find(({ username }) => username !== '')
  if (user !== undefined || url === undefined) return { user, password }
  return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
}

function loginOf({ user, password, token, nkeySeed, creds }: NatsBridgeOptions): NatsSettings['login'] {
  const given = [user, token, nkeySeed, creds].filter((credential) => credential !== undefined)
  if (given.length > 1) throw invalid('one of user, token, nkeySeed and creds')
  if ((user === undefined) !== (password === undefined)) throw invalid('user and password go together')
  if (nkeySeed !== undefined) return { authenticator: tried(() => nkeyAuthenticator(new TextEncoder().encode(nkeySeed.trim())), 'nkeySeed') }
  if (creds !== undefined) return { authenticator: tried(() => credsAuthenticator(Buffer.from(creds)), 'creds') }
  if (token !== undefined) return { token }
  return user === undefined || password === undefined ? {} : { user, pass: password }
}

/** The library would find out only when a server asks. */
function tried(make: () => Authenticator, what: string): Authenticator {
  try {
    const authenticator = make()
    authenticator('nonce')
    return authenticator
  } catch (cause) {
    throw new FrontierError('INVALID_ARGUMENT', `nats: ${what} cannot be read`, { cause })
  }
}

function tlsOf(tls: boolean | NatsTlsOptions): NatsTls | undefined {
  if (tls === false) return undefined
  if (tls === true) return {}
  const { ca, cert, key, servername, insecureSkipVerify = false, handshakeFirst = false } = tls
  if ((cert === undefined) !== (key === undefined)) throw invalid('tls has a certificate and its key, or neither')
  return {
    rejectUnauthorized: !insecureSkipVerify,
    handshakeFirst,
    ...(ca !== undefined && { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? String(ca) : ca.map(String).join('\n') }),
    ...(cert !== undefined && { cert: String(cert) }),
    ...(key !== undefined && { key: String(key) }),
    ...(servername !== undefined && { servername }),
  }
}

function jetStreamOf(options: JetStreamOptions, topics: readonly string[]): JetStreamSettings {
  const { name, storage = 'file' } = options
  if (!/^[^\s.*>/\\]{1,255}$/.test(name)) throw invalid(`${JSON.stringify(name)} is no name of a stream: no spaces, dots, slashes and wildcards`)
  if (!['file', 'memory'].includes(storage)) throw invalid(`storage is file or memory, got ${JSON.stringify(storage)}`)
  const subjects = options.subjects ?? topics.filter((topic) => topic !== '*')
  for (const subject of subjects) {
    const fault = patternFault(subject)
    if (fault !== undefined) throw invalid(`a stream cannot take ${JSON.stringify(subject)}: ${fault}`)
  }
  return {
    name,
    subjects,
    create: options.create ?? true,
    storage,
    replicas: count('replicas', options.replicas, 1),
    maxAgeMs: options.maxAgeMs === undefined ? undefined : count('maxAgeMs', options.maxAgeMs, 1),
    maxBytes: options.maxBytes === undefined ? undefined : count('maxBytes', options.maxBytes, 1),
    duplicateWindowMs: count('duplicateWindowMs', options.duplicateWindowMs, 120_000),
    publishTimeoutMs: count('publishTimeoutMs', options.publishTimeoutMs, 5_000),
  }
}
