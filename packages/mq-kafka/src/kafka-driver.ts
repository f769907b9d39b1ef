import { checkBrokerTls, type BrokerDriver } from '@frontier/mq'

import type { KafkaBridgeOptions } from './kafka-bridge-options.js'
import { loadCompression } from './kafka-codecs.js'
import { checkKafkaMessage } from './kafka-message.js'
import { KafkaSession } from './kafka-session.js'
import { kafkaSettings } from './kafka-settings.js'

/**
 * Kafka behind `createBrokerBridge`. What an idempotent producer lost is not sent again: a new one could not tell whether the log has it already.
 * @throws INVALID_ARGUMENT for options that do not hold.
 */
export function kafkaDriver(options: KafkaBridgeOptions): BrokerDriver {
  const settings = kafkaSettings(options)
  const { compression, compressionLevel } = settings
  checkBrokerTls('kafka', settings.tls)
  return {
    kind: 'kafka',
    batch: settings.batch,
    resend: settings.idempotent ? 'never' : 'at-least-once',
    check: (message) => checkKafkaMessage(message, settings.maxMessageBytes),
    async prepare() {
      await loadCompression(compression, compressionLevel)
    },
    async open(events, signal) {
      const session = new KafkaSession(settings, await loadCompression(compression, compressionLevel), events)
      await session.connect(signal)
      return session
    },
  }
}
