import type { Bridge } from '@frontier/exchange'
import { createBrokerBridge } from '@frontier/mq'

import { amqpDriver } from './amqp-driver.js'
import type { AmqpBridgeOptions } from './amqp-options.js'

/** A bridge into RabbitMQ: an edge's publish is acknowledged when the broker has confirmed it. @throws INVALID_ARGUMENT for options that do not hold. */
export function amqpBridge(options: AmqpBridgeOptions): Bridge {
  return createBrokerBridge(amqpDriver(options), options)
}
