import type { BridgeConfig, BrokerConfig, ConsumeConfig } from '@frontier/config'
import type { BridgeLogger, BridgeOptions, InboundOptions, InboundTarget } from '@frontier/mq'

const SECOND_MS = 1000

/** What every bridge to a broker is made with, out of its section of `mqm`. */
export function brokerOptions(config: BrokerConfig, topics: readonly string[], logger: BridgeLogger): BridgeOptions {
  return { ...bridgeOptions(config, topics, logger), ackTimeoutMs: milliseconds(config.ack_timeout_seconds) }
}

/** What every bridge is made with. */
export function bridgeOptions(config: BridgeConfig, topics: readonly string[], logger: BridgeLogger): BridgeOptions {
  return {
    topics,
    mappings: config.mappings,
    consume: config.consume.map(inboundOptions),
    required: config.required,
    maxWaiting: config.max_waiting,
    maxWaitingBytes: config.max_waiting_bytes,
    logger,
  }
}

/** Seconds of the configuration in milliseconds; 0 = the default of whoever takes them. */
export function milliseconds(seconds: number): number | undefined {
  // Whole ones: 2.01 s are 2009.999… ms to the processor.
  return seconds === 0 ? undefined : Math.max(1, Math.round(seconds * SECOND_MS))
}

/** A number of the configuration; 0 = the default of whoever takes it. */
export function aboveZero(value: number): number | undefined {
  return value === 0 ? undefined : value
}

/** Text of the configuration; '' = the default of whoever takes it. */
export function nonEmpty(text: string): string | undefined {
  return text === '' ? undefined : text
}

function inboundOptions({ from, group, to, topic, dead_letter: deadLetter, timeout_seconds: timeoutSeconds, max_unsettled: maxUnsettled }: ConsumeConfig): InboundOptions {
  return {
    from,
    group,
    to: targetOf(to),
    topic,
    deadLetter,
    timeoutMs: timeoutSeconds === undefined ? undefined : milliseconds(timeoutSeconds),
    maxUnsettled,
  }
}

function targetOf(to: ConsumeConfig['to'] = {}): InboundTarget {
  if (to.labels !== undefined) return { labels: to.labels }
  return to.key === true ? { key: true } : { header: to.header }
}
