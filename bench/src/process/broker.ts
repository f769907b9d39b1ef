import { missing, startBroker, type BrokerName, type BrokerProcess } from '../../../test/brokers/brokers.mjs'
import type { BrokerKind } from '../brokers/broker-kind.js'

/** The tests' brokers: what they are called there. */
const names: Readonly<Record<BrokerKind, BrokerName>> = { kafka: 'kafka', jetstream: 'nats', nsq: 'nsq', redis: 'redis', rabbitmq: 'rabbitmq' }

/** Why a broker cannot be started on this machine; undefined when it can. */
export function missingBroker(kind: BrokerKind): string | undefined {
  return missing(names[kind])
}

/** Starts a broker with empty data on free ports; resolves when it serves. */
export function startBrokerOf(kind: BrokerKind): Promise<BrokerProcess> {
  return startBroker(names[kind])
}
