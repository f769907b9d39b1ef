import { readDialTls, type NsqConfig } from '@frontier/config'
import type { Bridge } from '@frontier/exchange'
import type { BridgeLogger } from '@frontier/mq'
import { brokerOptions, nonEmpty } from './bridge-options.js'
import { pemOf } from './bridge-tls.js'

/** The bridge into NSQ. @throws what importing its package throws; INVALID_ARGUMENT */
export async function openNsq(config: NsqConfig, logger: BridgeLogger): Promise<Bridge> {
  const { nsqBridge } = await import('@frontier/mq-nsq')
  return nsqBridge({
    ...brokerOptions(config, config.producer.topics, logger),
    addresses: config.addrs,
    lookupdAddresses: config.lookupd_addrs,
    tls: pemOf(await readDialTls(config.tls)),
    authSecret: nonEmpty(config.auth_secret),
    envelope: config.envelope,
    maxMessageBytes: config.max_message_bytes,
  })
}
