import { once } from 'node:events'

import { Writer } from 'nsqjs'

import { settleAll, type BrokerClient, type Queued } from './broker-client.js'
import { TOPIC } from './broker-kind.js'

const BATCH_MESSAGES = 512

/** Batches to each nsqd, as many at once as there are; edges have one each. */
export async function connectNsq(addresses: readonly string[]): Promise<BrokerClient> {
  const writers = addresses.map((address) => {
    const [host = '', port] = address.split(':')
    return new Writer(host, Number(port))
  })
  await Promise.all(
    writers.map(async (writer) => {
      const ready = once(writer, 'ready')
      writer.connect()
      await ready
    }),
  )
  const queues = writers.map((): Queued[] => [])
  let isScheduled = false

  function send(): void {
    isScheduled = false
    for (const [index, queue] of queues.entries()) {
      while (queue.length > 0) {
        const batch = queue.splice(0, BATCH_MESSAGES)
        // NSQ has no headers: the message is the payload.
        const bodies = batch.map(({ data }) => data)
        writers[index]!.publish(TOPIC, bodies, (error?: Error | null) => {
          settleAll(batch, error ?? undefined)
        })
      }
    }
  }

  return {
    publish(edge, data, acknowledged) {
      queues[edge % queues.length]!.push({ edge, data, acknowledged })
      if (isScheduled) return
      isScheduled = true
      queueMicrotask(send)
    },
    close() {
      for (const writer of writers) writer.close()
      return Promise.resolve()
    },
  }
}
