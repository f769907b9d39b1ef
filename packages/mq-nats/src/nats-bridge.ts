import type { Bridge } from '@frontier/exchange'
import { createBrokerBridge } from '@frontier/mq'

import type { NatsBridgeOptions } from './nats-bridge-options.js'
import { natsDriver } from './nats-driver.js'

/** A bridge into NATS, for `exchange.addBridge`. @throws INVALID_ARGUMENT for options that do not hold. */
export function natsBridge(options: NatsBridgeOptions): Bridge {
  return createBrokerBridge(natsDriver(options), options)
}
