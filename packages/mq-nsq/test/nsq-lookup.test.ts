import { describe, it } from 'vitest'

import { FakeLookupd } from './fake-lookupd.js'
import { FakeNsqd } from './fake-nsqd.js'
import { openDriver } from './nsq.js'
import { until } from './pending.js'

const producer = (address: string) => ({ broadcast_address: '127.0.0.1', tcp_port: Number(address.split(':')[1]) })
const consume = { from: 'topic', group: 'frontier', maxUnsettled: 1, onMessage: () => undefined }

describe('an nsqlookupd', () => {
  it('that names what is no address is taken at its word for the rest', async () => {
    await using nsqd = await new FakeNsqd().listen()
    await using lookupd = await new FakeLookupd().listen()
    const nonsense = [70_000, 0, -1, 1.5, '4150', null].map((port) => ({ broadcast_address: '127.0.0.1', tcp_port: port }))
    lookupd.answer = { producers: [null, {}, { broadcast_address: '', tcp_port: 4150 }, ...nonsense, producer(nsqd.address)] }
    const session = await openDriver({ addresses: [nsqd.address], lookupdAddresses: [lookupd.address], lookupdPollMs: 100 })
    await session.consume!(consume)
    await until(() => nsqd.commands.includes('SUB topic frontier'), 'what it names is consumed')
    await session.close(100)
  })
})
