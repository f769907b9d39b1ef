import type { Bridge } from '@frontier/exchange'
import { createBrokerBridge } from '@frontier/mq'

import type { KafkaBridgeOptions } from './kafka-bridge-options.js'
import { kafkaDriver } from './kafka-driver.js'

/** A bridge into Kafka, for `exchange.addBridge`. @throws INVALID_ARGUMENT for options that do not hold. */
export function kafkaBridge(options: KafkaBridgeOptions): Bridge {
  return createBrokerBridge(kafkaDriver(options), options)
}
