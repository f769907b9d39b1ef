import type { MqmConfig } from '@frontier/config'
import type { Bridge, Exchange } from '@frontier/exchange'
import type { BridgeLogger } from '@frontier/mq'
import { FrontierError, toFrontierError } from '@frontier/wire'
import { openAmqp } from './open-amqp.js'
import { openKafka } from './open-kafka.js'
import { openNats } from './open-nats.js'
import { openNsq } from './open-nsq.js'
import { openRedis } from './open-redis.js'
import { openWebhook } from './open-webhook.js'

/**
 * Adds a bridge for each broker that `mqm` enables; they connect side by side. @throws INVALID_ARGUMENT for what does not hold, or when the broker's package is not installed;
 * the error of a bridge that is required and cannot connect.
 */
export async function openBridges(exchange: Exchange, mqm: MqmConfig, logger: BridgeLogger): Promise<void> {
  const { kafka, amqp, nats, nsq, redis, webhook } = mqm
  const add = async (kind: string, make: () => Promise<Bridge>): Promise<void> => {
    const bridge = await open(kind, make)
    // Several may be on their way, and what is wrong with one does not tell which it is.
    await exchange.addBridge(bridge).catch((error: unknown) => {
      const { code, reason } = toFrontierError(error, 'BRIDGE_UNAVAILABLE')
      throw new FrontierError(code, `mqm.${kind}: ${reason}`, { cause: error })
    })
  }
  const adding = [
    kafka.enable && add('kafka', () => openKafka(kafka, logger)),
    amqp.enable && add('amqp', () => openAmqp(amqp, logger)),
    nats.enable && add('nats', () => openNats(nats, logger)),
    nsq.enable && add('nsq', () => openNsq(nsq, logger)),
    redis.enable && add('redis', () => openRedis(redis, logger)),
    webhook.enable && add('webhook', () => openWebhook(webhook, logger)),
  ].filter((each) => each !== false)
  // All of them are waited for: whoever closes the others has to know them.
  const results = await Promise.allSettled(adding)
  for (const result of results) if (result.status === 'rejected') throw result.reason
}

async function open(kind: string, make: () => Promise<Bridge>): Promise<Bridge> {
  try {
    return await make()
  } catch (error) {
    if (isMissingModule(error)) throw new FrontierError('INVALID_ARGUMENT', `mqm.${kind} needs the package @frontier/mq-${kind}: npm install @frontier/mq-${kind}`, { cause: error })
    throw new FrontierError('INVALID_ARGUMENT', `mqm.${kind}: ${toFrontierError(error, 'INVALID_ARGUMENT').reason}`, { cause: error })
  }
}

function isMissingModule(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
}
