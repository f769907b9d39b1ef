import { FrontierError } from '@frontier/wire'
import type { BridgeLogger, BridgeOptions, InboundOptions, InboundTarget } from './bridge-options.js'
import { TopicMapper } from './topic-mapper.js'

const MIB = 1_048_576
const MAX_TIMEOUT_MS = 0x7fff_ffff
const EDGE_ID_HEADER = 'frontier-edge-id'

/** {@link InboundOptions} with everything filled in. */
export interface InboundSettings {
  readonly from: string
  readonly group: string
  readonly to: InboundTarget
  readonly topic: string
  readonly deadLetter: string | undefined
  readonly timeoutMs: number
  readonly maxUnsettled: number
}

/** {@link BridgeOptions} with everything filled in. */
export interface BridgeSettings {
  readonly name: string
  readonly topics: readonly string[]
  readonly mapper: TopicMapper
  readonly consume: readonly InboundSettings[]
  readonly isRequired: boolean
  readonly maxWaiting: number
  readonly maxWaitingBytes: number
  readonly ackTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly maxReconnectDelayMs: number
  readonly closeTimeoutMs: number
  readonly logger: BridgeLogger
}

const ignore = (): void => undefined
const SILENT: BridgeLogger = { info: ignore, warn: ignore, error: ignore }

/** Fills in the defaults. @throws INVALID_ARGUMENT */
export function resolveBridgeOptions(kind: string, options: BridgeOptions): BridgeSettings {
  const { name = kind, topics = [], mappings = [], consume = [] } = options
  if (topics.length === 0 && consume.length === 0) throw new FrontierError('INVALID_ARGUMENT', `the bridge ${name} neither takes a topic nor consumes`)
  return {
    name,
    topics,
    mapper: new TopicMapper(mappings),
    consume: consume.map(inboundSettings),
    isRequired: options.required ?? false,
    maxWaiting: whole('maxWaiting', options.maxWaiting ?? 65_536),
    maxWaitingBytes: whole('maxWaitingBytes', options.maxWaitingBytes ?? 64 * MIB),
    ackTimeoutMs: whole('ackTimeoutMs', options.ackTimeoutMs ?? 30_000, MAX_TIMEOUT_MS),
    connectTimeoutMs: whole('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, MAX_TIMEOUT_MS),
    maxReconnectDelayMs: whole('maxReconnectDelayMs', options.maxReconnectDelayMs ?? 5000, MAX_TIMEOUT_MS),
    closeTimeoutMs: whole('closeTimeoutMs', options.closeTimeoutMs ?? 5000, MAX_TIMEOUT_MS),
    logger: options.logger ?? SILENT,
  }
}

function inboundSettings(options: InboundOptions): InboundSettings {
  const { from, group = 'frontier', to = {}, topic = '{source}', deadLetter, timeoutMs = 30_000, maxUnsettled = 256 } = options
  if (typeof from !== 'string' || from === '') throw new FrontierError('INVALID_ARGUMENT', 'consume.from names what is consumed')
  if (group === '') throw new FrontierError('INVALID_ARGUMENT', 'consume.group is a name')
  if ('labels' in to && Object.keys(to.labels).length === 0) throw new FrontierError('INVALID_ARGUMENT', 'consume.to.labels has a label at least')
  const target = 'labels' in to || 'key' in to ? to : { header: (to.header ?? EDGE_ID_HEADER).toLowerCase() }
  return {
    from,
    group,
    to: target,
    topic,
    deadLetter,
    timeoutMs: whole('consume.timeoutMs', timeoutMs, MAX_TIMEOUT_MS),
    maxUnsettled: whole('consume.maxUnsettled', maxUnsettled, 65_536),
  }
}

function whole(what: string, value: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value > 0 && value <= most) return value
  throw new FrontierError('INVALID_ARGUMENT', `${what} is a whole number from 1 to ${most}, not ${String(value)}`)
}
