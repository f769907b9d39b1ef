import { Kafka, logLevel, type KafkaConfig } from 'kafkajs'

import type { KafkaSettings } from './kafka-settings.js'
import type { TrackedSockets } from './tracked-sockets.js'

/** How long a broker has to answer beyond the time that it may take for the copies. */
const ANSWER_MS = 5_000

/**
 * Tries of kafkajs itself. It cannot be told to stop trying, and when the tries of its connecting run out, those around it end too (an idempotent producer gave
 * up for good after 10 s of outage): so it tries each address about once, quickly, and whoever waits tries again.
 */
export function quickRetry(addresses: number): { retries: number; initialRetryTime: number; maxRetryTime: number } {
  return { retries: Math.max(1, addresses), initialRetryTime: 50, maxRetryTime: 250 }
}

/** How long one address may take to connect. */
export function dialTimeoutMs({ connectTimeoutMs, addresses }: KafkaSettings): number {
  return Math.max(1_000, Math.floor(connectTimeoutMs / addresses.length))
}

/** A client that says nothing, dials with `sockets`, and gives up soon. */
export function kafkaClient(settings: KafkaSettings, sockets: TrackedSockets): Kafka {
  const { addresses, tls, sasl, connectTimeoutMs, timeoutMs } = settings
  const config: KafkaConfig = {
    brokers: shuffled(addresses),
    clientId: settings.clientId,
    connectionTimeout: dialTimeoutMs(settings),
    authenticationTimeout: connectTimeoutMs,
    requestTimeout: timeoutMs + ANSWER_MS,
    retry: quickRetry(addresses.length),
    socketFactory: sockets.dial,
    logLevel: logLevel.NOTHING,
    // KAFKAJS_LOG_LEVEL in the environment would override the level.
    logCreator: () => () => undefined,
    ...(tls !== undefined && { ssl: tls }),
  }
  if (sasl !== undefined) config.sasl = saslOf(sasl)
  return new Kafka(config)
}

function saslOf({ mechanism, username, password }: NonNullable<KafkaSettings['sasl']>): NonNullable<KafkaConfig['sasl']> {
  const login = { username, password }
  if (mechanism === 'plain') return { mechanism, ...login }
  return mechanism === 'scram-sha-256' ? { mechanism, ...login } : { mechanism, ...login }
}

/** So that many gateways do not all begin with the same broker. */
function shuffled(addresses: readonly string[]): string[] {
  return addresses.map((address) => ({ address, at: Math.random() })).sort((a, b) => a.at - b.at).map(({ address }) => address)
}
