import { readDialTls, type WebhookConfig } from '@frontier/config'
import type { Bridge } from '@frontier/exchange'
import type { BridgeLogger } from '@frontier/mq'
import { bridgeOptions, milliseconds, nonEmpty } from './bridge-options.js'
import { pemOf } from './bridge-tls.js'

/** The bridge to a web address. @throws what importing its package throws; INVALID_ARGUMENT */
export async function openWebhook(config: WebhookConfig, logger: BridgeLogger): Promise<Bridge> {
  const { webhookBridge } = await import('@frontier/mq-webhook')
  return webhookBridge({
    ...bridgeOptions(config, config.producer.topics, logger),
    url: config.url,
    allowHttp: config.allow_http,
    tls: pemOf(await readDialTls(config.tls)),
    secret: nonEmpty(config.secret),
    headers: config.headers,
    timeoutMs: milliseconds(config.timeout),
    maxAttempts: config.max_attempts,
    maxConcurrency: config.max_concurrency,
  })
}
