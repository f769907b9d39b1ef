import { DEFAULT_MAX_PAYLOAD_BYTES, FrontierError } from '@frontier/wire'
import { type ByteBudget, processReceiveBudget } from './byte-budget.js'
import { checkedTimeoutMs } from './call-options.js'
import { sharedDeadlineWheel, type DeadlineWheel } from './deadline-wheel.js'

/** Where a channel's frames go out. */
export interface ChannelPort {
  /** Takes the whole control frame in `bytes[start, end)`, by default all of `bytes`, and owns it. */
  send(bytes: Uint8Array, start?: number, end?: number): void
  /** Whether fragments of large bodies, and at-most-once messages, may be sent now. `onWritable` of the channel is called when it becomes true again. */
  readonly bulkWritable: boolean
}

/** What the other side of a link or stream agreed to take. */
export interface ChannelLimits {
  maxFrameBytes: number
  maxPayloadBytes: number
  /** Unanswered requests the other side takes. */
  maxInFlight: number
  /** Of those, toward one peer. */
  maxInFlightPerPeer?: number | undefined
  /** Fragments wait for PROGRESS: true on links, false on streams, whose credit bounds them. */
  windowed: boolean
}

/** Options of a channel; all have defaults. */
export interface ChannelOptions {
  /** Default time budget of a request (30,000); Infinity = none. */
  timeoutMs?: number | undefined
  /** Most bytes of key + meta + data, sent or received (16 MiB). */
  maxPayloadBytes?: number | undefined
  /** Unanswered requests; as many again wait (4,096). */
  maxInFlight?: number | undefined
  /** Of those, toward one peer; as many again wait (no limit of its own). */
  maxInFlightPerPeer?: number | undefined
  /** Requests of the other side served at once; what comes beyond is answered BUFFER_FULL (65,536). */
  maxServing?: number | undefined
  /** Bytes held of bodies that are not complete and of messages nobody has taken yet (64 MiB). */
  maxReceiveBytes?: number | undefined
  /** The same for all channels that share it (one budget of 256 MiB for the process). */
  receiveBudget?: ByteBudget | undefined
  /** The edge that requests and messages are about, at an edge: itself. 0n (the default): the peer they carry. Settable later as `channel.selfId`. */
  selfId?: bigint | undefined
  /** Where deadlines wait and the time comes from (one for the process). */
  wheel?: DeadlineWheel | undefined
}

/** {@link ChannelOptions} with every default in place. */
export interface ResolvedChannelOptions {
  readonly timeoutMs: number
  readonly maxPayloadBytes: number
  readonly maxInFlight: number
  readonly maxInFlightPerPeer: number
  readonly maxServing: number
  readonly maxReceiveBytes: number
  readonly receiveBudget: ByteBudget
  readonly selfId: bigint
  readonly wheel: DeadlineWheel
}

function checkedCount(value: number, name: string): number {
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new FrontierError('INVALID_ARGUMENT', `${name} must be a whole number above 0, not ${String(value)}`)
}

/** Fills in the defaults. @throws INVALID_ARGUMENT for numbers out of range. */
export function resolveChannelOptions(options: ChannelOptions = {}): ResolvedChannelOptions {
  return {
    timeoutMs: checkedTimeoutMs(options.timeoutMs ?? 30_000),
    maxPayloadBytes: checkedCount(options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES, 'maxPayloadBytes'),
    maxInFlight: checkedCount(options.maxInFlight ?? 4096, 'maxInFlight'),
    maxInFlightPerPeer:
      options.maxInFlightPerPeer === undefined ? Infinity : checkedCount(options.maxInFlightPerPeer, 'maxInFlightPerPeer'),
    maxServing: checkedCount(options.maxServing ?? 65_536, 'maxServing'),
    maxReceiveBytes: checkedCount(options.maxReceiveBytes ?? 64 * 1024 * 1024, 'maxReceiveBytes'),
    receiveBudget: options.receiveBudget ?? processReceiveBudget,
    selfId: options.selfId ?? 0n,
    wheel: options.wheel ?? sharedDeadlineWheel,
  }
}
