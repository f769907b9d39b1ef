import { DEFAULT_MAX_PAYLOAD_BYTES, FrontierError, MAX_KEY_BYTES, RESERVED_METHODS, toBytes, toId, type Id } from '@frontier/wire'
import { parseAddress, type Address, type DialTlsOptions } from '@frontier/transport'
import type { BackoffOptions } from './backoff.js'
import { checkedTimeoutMs } from './call-options.js'
import type { MessageHandler } from './message.js'
import type { Handler } from './request.js'
import type { Status } from './status.js'
import type { StreamHandler } from './stream.js'

/** The credential presented in each handshake, or a function asked for it each time. */
export type TokenSource = string | (() => string | Promise<string>)

/** Pauses between attempts to connect, with full jitter. */
export interface ReconnectOptions {
  /** 100 by default. */
  initialDelayMs?: number | undefined
  /** 15,000 by default. */
  maxDelayMs?: number | undefined
  /** 2 by default. */
  factor?: number | undefined
}

/** What edges and services have in common when they connect. */
export interface LinkOptions {
  /** Wanted id; granted, or refused with ILLEGAL_EDGE_ID: never silently replaced. */
  id?: Id | undefined
  /** For selection and filters; at most 16, 1 KiB together. */
  labels?: Record<string, string> | undefined
  /** Presented in the handshake, asked again on each reconnect. */
  token?: TokenSource | undefined
  /** For tls:// addresses. */
  tls?: DialTlsOptions | undefined
  /** false = no second attempt; by default for ever, 100 ms to 15 s, full jitter. */
  reconnect?: false | ReconnectOptions | undefined
  /** One dial with its handshake (5,000). */
  connectTimeoutMs?: number | undefined
  /** How long the first connect keeps trying before it rejects (30,000; Infinity = for ever). */
  firstConnectTimeoutMs?: number | undefined
  /** Default time budget of a call or publish (30,000; Infinity = none). */
  timeoutMs?: number | undefined
  /** Most bytes of key + meta + data (16 MiB); the least of both ends and the gateway holds. */
  maxPayloadBytes?: number | undefined
  /** Unanswered calls and publishes: 4,096 (edge), 65,536 (service); as many again wait, beyond is BUFFER_FULL. */
  maxInFlight?: number | undefined
  /** Callable from the first moment on: they ride in the hello. */
  methods?: Record<string, Handler> | undefined
  /** As {@link End.onMessage}, before the first message can arrive. */
  onMessage?: MessageHandler | undefined
  /** As {@link End.onStream}, before the first stream can arrive. */
  onStream?: StreamHandler | undefined
  /** As {@link End.onStatus}, the first connect included. */
  onStatus?: ((status: Status) => void) | undefined
  /** Gives up connecting: the connect rejects CANCELLED. Means nothing once it stands. */
  signal?: AbortSignal | undefined
}

/** {@link LinkOptions} with every default in place. */
export interface ResolvedLinkOptions {
  readonly addresses: readonly Address[]
  readonly wantedId: bigint | undefined
  readonly labels: Record<string, string>
  readonly token: TokenSource | undefined
  readonly tls: DialTlsOptions | undefined
  readonly reconnect: BackoffOptions | undefined
  readonly connectTimeoutMs: number
  readonly firstConnectTimeoutMs: number
  readonly timeoutMs: number
  readonly maxPayloadBytes: number
  readonly maxInFlight: number
  readonly methods: ReadonlyMap<string, Handler>
  readonly onMessage: MessageHandler | undefined
  readonly onStream: StreamHandler | undefined
  readonly onStatus: ((status: Status) => void) | undefined
  readonly signal: AbortSignal | undefined
}

const MAX_LABELS = 16
const MAX_LABEL_BYTES = 1024

function invalid(message: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', message)
}

function resolveLabels(labels: Record<string, string>): Record<string, string> {
  const entries = Object.entries(labels)
  if (entries.length > MAX_LABELS) throw invalid(`${entries.length} labels, at most ${MAX_LABELS} are allowed`)
  let bytes = 0
  for (const [name, value] of entries) {
    if (typeof value !== 'string') throw invalid(`the label '${name}' must be a string`)
    bytes += toBytes(name).length + toBytes(value).length
  }
  if (bytes > MAX_LABEL_BYTES) throw invalid(`labels of ${bytes} bytes, at most ${MAX_LABEL_BYTES} are allowed together`)
  return Object.fromEntries(entries)
}

function resolveReconnect(reconnect: ReconnectOptions): BackoffOptions {
  const { initialDelayMs = 100, maxDelayMs = 15_000, factor = 2 } = reconnect
  for (const [name, value] of Object.entries({ initialDelayMs, maxDelayMs })) {
    if (!Number.isFinite(value) || value < 0) throw invalid(`reconnect.${name} must be milliseconds, not ${String(value)}`)
  }
  if (!Number.isFinite(factor) || factor < 1) throw invalid(`reconnect.factor must be at least 1, not ${String(factor)}`)
  return { initialDelayMs, maxDelayMs: Math.max(initialDelayMs, maxDelayMs), factor }
}

function checkedCount(value: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(`${name} must be a whole number above 0, not ${String(value)}`)
  return value
}

function checkedFunction<F>(value: F | undefined, name: string): F | undefined {
  if (value !== undefined && typeof value !== 'function') throw invalid(`${name} must be a function`)
  return value
}

/**
 * `name` when it may be the name of a method, topic or service.
 * @throws INVALID_ARGUMENT when it is empty, above 1,024 bytes, or (as `what` 'method') one that only the gateway calls.
 */
export function checkedName(name: string, what: 'method' | 'topic' | 'service'): string {
  if (typeof name !== 'string' || name === '') throw invalid(`the name of a ${what} must be a string that is not empty`)
  const { length } = toBytes(name)
  if (length > MAX_KEY_BYTES) throw invalid(`the name of a ${what} has ${length} bytes, at most ${MAX_KEY_BYTES} are allowed`)
  if (what === 'method' && (RESERVED_METHODS as readonly string[]).includes(name)) {
    throw invalid(`'${name}' is reserved: only the gateway calls it (see the hooks of @frontier/service)`)
  }
  return name
}

function resolveMethods(methods: Record<string, Handler>): Map<string, Handler> {
  const resolved = new Map<string, Handler>()
  for (const [name, handler] of Object.entries(methods)) {
    if (typeof handler !== 'function') throw invalid(`methods.${name} must be a function`)
    resolved.set(checkedName(name, 'method'), handler)
  }
  return resolved
}

/**
 * Checks what a user gave and fills in the defaults. `defaultMaxInFlight` depends on the role.
 * @throws INVALID_ARGUMENT, or ILLEGAL_EDGE_ID for an id out of range.
 */
export function resolveLinkOptions(address: string | readonly string[], options: LinkOptions, defaultMaxInFlight: number): ResolvedLinkOptions {
  const addresses = (typeof address === 'string' ? [address] : address).map((each) => parseAddress(each))
  if (addresses.length === 0) throw invalid('no address to connect to')
  const { token } = options
  if (token !== undefined && typeof token !== 'string') checkedFunction(token, 'token')
  return {
    addresses,
    wantedId: options.id === undefined ? undefined : toId(options.id),
    labels: resolveLabels(options.labels ?? {}),
    token,
    tls: options.tls,
    reconnect: options.reconnect === false ? undefined : resolveReconnect(options.reconnect ?? {}),
    connectTimeoutMs: checkedTimeoutMs(options.connectTimeoutMs ?? 5000, 'connectTimeoutMs'),
    firstConnectTimeoutMs: checkedTimeoutMs(options.firstConnectTimeoutMs ?? 30_000, 'firstConnectTimeoutMs'),
    timeoutMs: checkedTimeoutMs(options.timeoutMs ?? 30_000),
    maxPayloadBytes: checkedCount(options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES, 'maxPayloadBytes'),
    maxInFlight: checkedCount(options.maxInFlight ?? defaultMaxInFlight, 'maxInFlight'),
    methods: resolveMethods(options.methods ?? {}),
    onMessage: checkedFunction(options.onMessage, 'onMessage'),
    onStream: checkedFunction(options.onStream, 'onStream'),
    onStatus: checkedFunction(options.onStatus, 'onStatus'),
    signal: options.signal,
  }
}
