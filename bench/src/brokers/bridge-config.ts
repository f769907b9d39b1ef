import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { BenchContext } from '../bench-case.js'
import { KEPT_MESSAGES, TOPIC, type BrokerKind } from './broker-kind.js'

/** Of every bridge, unless the configuration has others. */
export const MAX_WAITING_BYTES = 67_108_864

/** Writes the configuration of a gateway with one bridge, its defaults but for where it leads, and returns the file. It goes with the case. */
export function writeBridgeConfig(context: BenchContext, kind: BrokerKind, addresses: readonly string[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'frontier-bench-'))
  context.own({
    stop: () => {
      rmSync(folder, { recursive: true, force: true })
      return Promise.resolve()
    },
  })
  const file = path.join(folder, 'frontier.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ mqm: sectionOf(kind, { enable: true, required: true }, addresses) }))
  return file
}

function sectionOf(kind: BrokerKind, common: object, addrs: readonly string[]): object {
  switch (kind) {
    case 'kafka':
      return { kafka: { ...common, addrs, producer: { topics: [TOPIC] } } }
    case 'jetstream':
      return { nats: { ...common, addrs, jetstream: { enable: true, name: TOPIC, producer: { subjects: [TOPIC] } } } }
    case 'nsq':
      return { nsq: { ...common, addrs, producer: { topics: [TOPIC] } } }
    case 'redis':
      return { redis: { ...common, addrs, mode: 'stream', stream_max_length: KEPT_MESSAGES, producer: { channels: [TOPIC] } } }
    case 'rabbitmq':
      return { amqp: { ...common, addrs: addrs.map((address) => `guest:guest@${address}`), producer: { routing_keys: [TOPIC] } } }
  }
}
