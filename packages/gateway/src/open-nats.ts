import { readDialTls, type NatsConfig } from '@frontier/config'
import type { Bridge } from '@frontier/exchange'
import type { BridgeLogger } from '@frontier/mq'
import { brokerOptions, nonEmpty } from './bridge-options.js'
import { pemOf } from './bridge-tls.js'

/** The bridge into NATS. @throws what importing its package throws; INVALID_ARGUMENT */
export async function openNats(config: NatsConfig, logger: BridgeLogger): Promise<Bridge> {
  const { natsBridge } = await import('@frontier/mq-nats')
  const { addrs, user, password, token, jetstream, producer } = config
  return natsBridge({
    ...brokerOptions(config, (jetstream.enable ? jetstream.producer : producer).subjects, logger),
    addresses: addrs,
    user: nonEmpty(user),
    password: nonEmpty(password),
    token: nonEmpty(token),
    tls: pemOf(await readDialTls(config.tls)),
    jetStream: jetstream.enable ? { name: jetstream.name } : undefined,
  })
}
