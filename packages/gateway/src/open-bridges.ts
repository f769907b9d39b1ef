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
  const opening = [
    kafka.enable && open('kafka', () => openKafka(kafka, logger)),
    amqp.enable && open('amqp', () => openAmqp(amqp, logger)),
    nats.enable && open('nats', () => openNats(nats, logger)),
    nsq.enable && open('nsq', () => openNsq(nsq, logger)),
    redis.enable && open('redis', () => openRedis(redis, logger)),
    webhook.enable && open('webhook', () => openWebhook(webhook, logger)),
  ].filter((each) => each !== false)
  // All of them are waited for: whoever closes the others has to know them.
  const results = await Promise.allSettled(opening.map(async (bridge) => exchange.addBridge(await bridge)))
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
