import { connect } from 'amqplib'

import { headersOf, idOf, type BrokerClient } from './broker-client.js'
import { KEPT_MESSAGES, TOPIC } from './broker-kind.js'

const ON_DISK = 2

/** One channel with confirms; persistent messages into a durable queue, and an error for one that no queue takes. */
export async function connectRabbitMq([address = '']: readonly string[]): Promise<BrokerClient> {
  const model = await connect(`amqp://guest:guest@${address}`)
  const channel = await model.createConfirmChannel()
  await channel.assertQueue(TOPIC, { durable: true, arguments: { 'x-max-length': KEPT_MESSAGES } })
  let number = 0
  return {
    publish(edge, data, acknowledged) {
      const options = {
        mandatory: true,
        deliveryMode: ON_DISK,
        messageId: `bench-${(number++).toString(36)}`,
        timestamp: Math.floor(Date.now() / 1000),
        headers: { ...headersOf(edge), 'frontier-key': idOf(edge) },
      }
      channel.publish('', TOPIC, data, options, (error: unknown) => {
        acknowledged(error ?? undefined)
      })
    },
    close: () => model.close(),
  }
}
