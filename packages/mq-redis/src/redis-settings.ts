import { hostname } from 'node:os'
import { FrontierError } from '@frontier/wire'
import type { RedisBridgeOptions, RedisTlsOptions } from './redis-bridge-options.js'

const MIB = 1_048_576
const PORT = 6379
const SENTINEL_PORT = 26_379
const MODES: readonly string[] = ['pubsub', 'stream']
const GROUP_STARTS: readonly string[] = ['oldest', 'newest']

/** Host and port of a server. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
}

/** Username and password; a password alone is the default user's. */
export interface RedisLogin {
  readonly username?: string
  readonly password: string
}

/** TLS as node:tls takes it. */
export interface RedisTls {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

/** {@link RedisBridgeOptions}, checked and with everything filled in. */
export interface RedisSettings {
  readonly addresses: readonly RedisAddress[]
  readonly sentinel: { readonly name: string; readonly login: RedisLogin | undefined } | undefined
  readonly isCluster: boolean
  readonly db: number
  readonly login: RedisLogin | undefined
  readonly tls: RedisTls | undefined
  readonly isStream: boolean
  readonly streamMaxLength: number | undefined
  readonly createStreams: boolean
  readonly maxMessageBytes: number
  readonly groupStart: '0' | '$'
  readonly consumerName: string
  readonly claimAfterMs: number
  readonly connectTimeoutMs: number
  readonly answerTimeoutMs: number
}

/** Checks `options`. @throws INVALID_ARGUMENT, with the reason, for what does not hold. */
export function redisSettings(options: RedisBridgeOptions): RedisSettings {
  const { addresses, sentinelName, cluster = false, db = 0, mode = 'pubsub', groupStart = 'oldest' } = options
  // From untyped configuration there may be none at all.
  if (!Array.isArray(addresses) || addresses.length === 0) throw invalid('no addresses')
  if (cluster && sentinelName !== undefined) throw invalid('sentinelName and cluster exclude each other')
  if (!Number.isSafeInteger(db) || db < 0) throw invalid(`db is a whole number from 0, got ${db}`)
  if (cluster && db !== 0) throw invalid('a cluster has database 0 only')
  if (!MODES.includes(mode)) throw invalid(`mode is pubsub or stream, got ${JSON.stringify(mode)}`)
  if (!GROUP_STARTS.includes(groupStart)) throw invalid(`groupStart is oldest or newest, got ${JSON.stringify(groupStart)}`)
  if (options.mappings?.some(({ partition }) => partition !== undefined) === true) throw invalid('there are no partitions')
  if (mode === 'pubsub') refuseOfStreams(options)
  const defaultPort = sentinelName === undefined ? PORT : SENTINEL_PORT
  return {
    addresses: addresses.map((address) => redisAddress(String(address), defaultPort)),
    sentinel: sentinelName === undefined ? undefined : { name: sentinelName, login: loginOf(options.sentinelUsername, options.sentinelPassword) },
    isCluster: cluster,
    db,
    login: loginOf(options.username, options.password),
    tls: tlsOf(options.tls ?? false),
    isStream: mode === 'stream',
    streamMaxLength: options.streamMaxLength === undefined ? undefined : count('streamMaxLength', options.streamMaxLength, 0),
    createStreams: options.createStreams ?? true,
    maxMessageBytes: count('maxMessageBytes', options.maxMessageBytes, 512 * MIB),
    groupStart: groupStart === 'oldest' ? '0' : '$',
    consumerName: options.consumerName ?? `${hostname()}-${options.name ?? 'redis'}`,
    claimAfterMs: count('claimAfterMs', options.claimAfterMs, 60_000),
    connectTimeoutMs: count('connectTimeoutMs', options.connectTimeoutMs, 10_000),
    answerTimeoutMs: count('ackTimeoutMs', options.ackTimeoutMs, 30_000),
  }
}

/** What an address names. @throws INVALID_ARGUMENT */
export function redisAddress(text: string, defaultPort: number): RedisAddress {
  const [, bracketed, plain, digits] = /^(?:\[([\da-fA-F:.]+)\]|([^\s:/@[\]]+))(?::(\d+))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  const port = digits === undefined ? defaultPort : Number(digits)
  if (host === undefined || port < 1 || port > 65_535) throw invalid(`${JSON.stringify(text)} is not host:port`)
  return { host, port }
}

function invalid(reason: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', `redis: ${reason}`)
}

function refuseOfStreams(options: RedisBridgeOptions): void {
  const ofStreams = ['streamMaxLength', 'createStreams', 'groupStart', 'consumerName', 'claimAfterMs'] as const
  const given = ofStreams.find((name) => options[name] !== undefined)
  if (given !== undefined) throw invalid(`${given} is for mode stream`)
  // A channel carries bytes and nothing else.
  const byWhat = options.consume?.find(({ to = {} }) => !('labels' in to))
  if (byWhat !== undefined) throw invalid(`messages of the channel ${JSON.stringify(byWhat.from)} have neither headers nor a key: consume.to names labels`)
}

function count(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (!Number.isInteger(value) || value < 1 || value > 0x7fff_ffff) throw invalid(`${name} is a whole number from 1, got ${value}`)
  return value
}

function loginOf(username: string | undefined, password: string | undefined): RedisLogin | undefined {
  if (password === undefined && username !== undefined) throw invalid('a username goes with a password')
  if (password === undefined) return undefined
  return { password, ...(username !== undefined && { username }) }
}

function tlsOf(tls: boolean | RedisTlsOptions): RedisTls | undefined {
  if (tls === false) return undefined
  if (tls === true) return { rejectUnauthorized: true }
  const { ca, cert, key, servername, insecureSkipVerify = false } = tls
  if ((cert === undefined) !== (key === undefined)) throw invalid('tls has a certificate and its key, or neither')
  return {
    rejectUnauthorized: !insecureSkipVerify,
    ...(ca !== undefined && { ca: String(ca) }),
    ...(cert !== undefined && { cert: String(cert) }),
    ...(key !== undefined && { key: String(key) }),
    ...(servername !== undefined && { servername }),
  }
}
