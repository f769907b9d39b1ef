import type { Bridge } from '@frontier/exchange'
import { createBrokerBridge } from '@frontier/mq'

import { nsqDriver } from './nsq-driver.js'
import type { NsqBridgeOptions } from './nsq-options.js'

/** A bridge into NSQ: an edge's publish is acknowledged when an nsqd has answered OK. @throws INVALID_ARGUMENT for options that do not hold. */
export function nsqBridge(options: NsqBridgeOptions): Bridge {
  return createBrokerBridge(nsqDriver(options), options)
}
