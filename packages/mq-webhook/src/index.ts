export { webhookBridge } from './webhook-bridge.js'
export type { WebhookBridgeOptions, WebhookTlsOptions } from './webhook-bridge-options.js'
export { verifyWebhook } from './webhook-signature.js'
export type { SignedRequest, VerifyOptions } from './webhook-signature.js'
