import { connect, createInbox, MsgHdrsImpl } from 'nats'

import { headersOf, type Acknowledged, type BrokerClient } from './broker-client.js'
import { TOPIC } from './broker-kind.js'

/** Every message is answered to one inbox: the library's own `publish` has a timer and several promises for each, and made 14,000/s of 50,000. */
export async function connectJetStream(addresses: readonly string[]): Promise<BrokerClient> {
  const connection = await connect({ servers: [...addresses] })
  const manager = await connection.jetstreamManager()
  await manager.streams.add({ name: TOPIC, subjects: [TOPIC] })
  const inbox = `${createInbox()}.`
  const run = createInbox().slice(-22)
  const waiting = new Map<string, Acknowledged>()
  let number = 0
  connection.subscribe(`${inbox}*`, {
    callback: (error, answer) => {
      const token = answer.subject.slice(inbox.length)
      const acknowledged = waiting.get(token)
      waiting.delete(token)
      const text = Buffer.from(answer.data.buffer, answer.data.byteOffset, answer.data.length).toString()
      const isStored = error === null && text !== '' && (JSON.parse(text) as { seq?: number }).seq !== undefined
      acknowledged?.(isStored ? undefined : (error ?? new Error(text)))
    },
  })
  return {
    publish(edge, data, acknowledged) {
      const token = (number++).toString(36)
      waiting.set(token, acknowledged)
      const record: Record<string, string[]> = { 'Nats-Msg-Id': [`${run}-${token}`] }
      for (const [name, value] of Object.entries(headersOf(edge))) record[name] = [value]
      connection.publish(TOPIC, data, { headers: MsgHdrsImpl.fromRecord(record), reply: inbox + token })
    },
    close: () => connection.close(),
  }
}
