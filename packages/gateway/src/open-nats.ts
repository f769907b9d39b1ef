import { readDialTls, readSecretFile, type NatsConfig } from '@frontier/config'
import type { Bridge } from '@frontier/exchange'
import type { BridgeLogger } from '@frontier/mq'
import { brokerOptions, nonEmpty } from './bridge-options.js'
import { pemOf } from './bridge-tls.js'

/** The bridge into NATS. @throws what importing its package throws; INVALID_ARGUMENT */
export async function openNats(config: NatsConfig, logger: BridgeLogger): Promise<Bridge> {
  const { natsBridge } = await import('@frontier/mq-nats')
  const { addrs, user, password, token, nkey_file: nkeyFile, creds_file: credsFile, jetstream, producer } = config
  // Files of the family may hold both.
  if (jetstream.enable && producer.subjects.length > 0) logger.warn({ subjects: producer.subjects }, 'mqm.nats.producer.subjects is not used: with JetStream it is mqm.nats.jetstream.producer.subjects')
  const pem = pemOf(await readDialTls(config.tls))
  return natsBridge({
    ...brokerOptions(config, (jetstream.enable ? jetstream.producer : producer).subjects, logger),
    addresses: addrs,
    user: nonEmpty(user),
    password: nonEmpty(password),
    token: nonEmpty(token),
    nkeySeed: nkeyFile === '' ? undefined : await readSecretFile(nkeyFile),
    creds: credsFile === '' ? undefined : await readSecretFile(credsFile),
    tls: pem && { ...pem, handshakeFirst: config.handshake_first },
    jetStream: jetstream.enable ? { name: jetstream.name } : undefined,
  })
}
