import type { Bridge } from '@frontier/exchange'
import type { BridgeOptions } from './bridge-options.js'
import type { BrokerDriver } from './broker-driver.js'

/** Makes a bridge of a driver. @throws INVALID_ARGUMENT for options that do not hold. */
export declare function createBrokerBridge(driver: BrokerDriver, options?: BridgeOptions): Bridge
