import type { ChannelModel } from 'amqplib'

import { refusal } from './amqp-fault.js'
import type { AmqpSettings } from './resolve-options.js'

/** Declares exchanges, queues and bindings, in their order. Rejects with what the broker has against one of them. */
export async function declareTopology(model: ChannelModel, settings: AmqpSettings): Promise<void> {
  const { exchanges, queues, queueBindings } = settings
  if (exchanges.length + queues.length + queueBindings.length === 0) return
  // Some refusals end the connection (an unknown kind of exchange); what the channel's promise then says is not the reason.
  let reason: unknown
  const onError = (error: unknown) => (reason = error)
  model.on('error', onError)
  const attempt = async (what: string, declaring: Promise<unknown>) => {
    try {
      await declaring
    } catch (error) {
      throw refusal(reason ?? error, what)
    }
  }
  try {
    const channel = await model.createChannel()
    channel.on('error', () => undefined) // the promise has it too
    for (const { name, kind, durable = false, autoDelete = false, internal = false } of exchanges) {
      await attempt(`exchange ${name}`, channel.assertExchange(name, kind, { durable, autoDelete, internal }))
    }
    for (const { name, durable = false, autoDelete = false, exclusive = false } of queues) {
      await attempt(`queue ${name}`, channel.assertQueue(name, { durable, autoDelete, exclusive }))
    }
    for (const { queueName, exchangeName, bindingKey } of queueBindings) {
      await attempt(`binding of ${queueName} to ${exchangeName}`, channel.bindQueue(queueName, exchangeName, bindingKey))
    }
    await channel.close()
  } finally {
    model.off('error', onError)
  }
}

/** Whether there is such an exchange. On a channel of its own, since a missing one closes the channel that asks. */
export async function hasExchange(model: ChannelModel, name: string): Promise<true> {
  const channel = await model.createChannel()
  channel.on('error', () => undefined)
  await channel.checkExchange(name)
  await channel.close()
  return true
}
