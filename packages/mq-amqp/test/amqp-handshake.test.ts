import { describe, expect, it } from 'vitest'

import { amqpDriver } from '../src/index.js'
import { closing, FakeRabbitmq } from './fake-rabbitmq.js'
import { told } from './rabbitmq.js'

describe('a broker that goes away in the moment when it lets us in', () => {
  it.each([
    ['with an error', closing(541, 'INTERNAL_ERROR')],
    ['because it is told to', closing(320, 'CONNECTION_FORCED')],
    ['with something that is not AMQP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('%s is one that could not be reached', async (_how, last) => {
    await using broker = await new FakeRabbitmq(last).listen()
    const events = told()
    await expect(amqpDriver({ addresses: [broker.address] }).open(events, AbortSignal.timeout(10_000))).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE' })
    expect(events.lost).toEqual([])
  })
})
