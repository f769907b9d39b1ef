import type { BridgeLogger } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'

import { isNsqName } from './nsq-name.js'
import type { NsqBridgeOptions, NsqTls } from './nsq-options.js'
import { type NsqdAddress, parseLookupdAddress, parseNsqdAddress } from './nsqd-address.js'

/** Options with their defaults, checked. */
export interface NsqSettings {
  readonly addresses: readonly NsqdAddress[]
  readonly lookupds: readonly URL[]
  readonly lookupdPollMs: number
  readonly tls: NsqTls | undefined
  readonly authSecret: string | undefined
  readonly envelope: 'raw' | 'json'
  readonly maxMessageBytes: number
  readonly maxBodyBytes: number
  readonly heartbeatSeconds: number
  readonly messageTimeoutMs: number | undefined
  readonly connectTimeoutMs: number
  readonly maxReconnectDelayMs: number
  readonly logger: BridgeLogger | undefined
}

const MAX_TIMER_MS = 2 ** 31 - 1

/** Checks options and fills in defaults. @throws INVALID_ARGUMENT */
export function resolveOptions(options: NsqBridgeOptions): NsqSettings {
  const { addresses, tls, authSecret, envelope = 'raw', lookupdAddresses = [], consume = [] } = options
  if (!Array.isArray(addresses) || addresses.length === 0) throw invalid('addresses: empty address')
  if (tls !== undefined && (tls.cert === undefined) !== (tls.key === undefined)) throw invalid('tls: cert and key come together')
  if (authSecret === '') throw invalid('authSecret: it is empty')
  if (!['raw', 'json'].includes(envelope)) throw invalid('envelope: raw or json')
  for (const { from, group = 'frontier', to = {} } of consume) {
    if (!isNsqName(from)) throw invalid(`consume: nsqd takes no topic of the name ${JSON.stringify(from)}`)
    if (!isNsqName(group)) throw invalid(`consume: nsqd takes no channel of the name ${JSON.stringify(group)}`)
    if (envelope === 'raw' && !('labels' in to)) {
      throw invalid(`consume: messages of NSQ have no headers and no key, so ${from} can only go to edges by their labels, or be wrapped (envelope: json)`)
    }
  }
  const maxMessageBytes = whole('maxMessageBytes', options.maxMessageBytes ?? 1024 * 1024, 1, 2 ** 31 - 1)
  return {
    addresses: unique((addresses as readonly string[]).map(parseNsqdAddress)),
    lookupds: lookupdAddresses.map(parseLookupdAddress),
    lookupdPollMs: whole('lookupdPollMs', options.lookupdPollMs ?? 2000, 100, MAX_TIMER_MS),
    tls,
    authSecret,
    envelope,
    maxMessageBytes,
    // A command is four bytes of count, and four of length before each message.
    maxBodyBytes: whole('maxBodyBytes', options.maxBodyBytes ?? Math.max(5 * 1024 * 1024, maxMessageBytes + 8), maxMessageBytes + 8, 2 ** 31 - 1),
    heartbeatSeconds: whole('heartbeatSeconds', options.heartbeatSeconds ?? 5, 1, 60),
    messageTimeoutMs: options.messageTimeoutMs === undefined ? undefined : whole('messageTimeoutMs', options.messageTimeoutMs, 100, MAX_TIMER_MS),
    connectTimeoutMs: whole('connectTimeoutMs', options.connectTimeoutMs ?? 10_000, 1, MAX_TIMER_MS),
    maxReconnectDelayMs: whole('maxReconnectDelayMs', options.maxReconnectDelayMs ?? 5000, 1, MAX_TIMER_MS),
    logger: options.logger,
  }
}

function unique(addresses: readonly NsqdAddress[]): NsqdAddress[] {
  return [...new Map(addresses.map((address) => [address.name, address])).values()]
}

function invalid(message: string): FrontierError {
  return new FrontierError('INVALID_ARGUMENT', message)
}

function whole(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) throw invalid(`${name}: a whole number from ${min} to ${max}`)
  return value
}
