import type { BrokerClient, ConnectBroker } from '../brokers/broker-client.js'
import type { BrokerKind } from '../brokers/broker-kind.js'
import { publishRound } from '../brokers/publish-round.js'
import type { BrokerPublisherRole } from './role.js'

/** Publishes with a broker's client library alone. */
export function brokerPublisher(): BrokerPublisherRole {
  let client: BrokerClient | undefined
  let edges = 1
  return {
    info: null,
    commands: {
      async connect(target) {
        edges = target.edges
        client = await (await clientOf(target.kind))(target.addresses)
      },
      run: (load) => publishRound(client!, edges, load),
      async disconnect() {
        await client?.close()
      },
    },
  }
}

async function clientOf(kind: BrokerKind): Promise<ConnectBroker> {
  switch (kind) {
    case 'kafka':
      return (await import('../brokers/kafka-client.js')).connectKafka
    case 'jetstream':
      return (await import('../brokers/jetstream-client.js')).connectJetStream
    case 'nsq':
      return (await import('../brokers/nsq-client.js')).connectNsq
    case 'redis':
      return (await import('../brokers/redis-client.js')).connectRedis
    case 'rabbitmq':
      return (await import('../brokers/rabbitmq-client.js')).connectRabbitMq
  }
}
