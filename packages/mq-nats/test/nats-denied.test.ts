import { describe, expect, it } from 'vitest'

import { natsDriver } from '../src/index.js'
import { FakeServer } from './fake-server.js'
import { told, tracked, type Tracked } from './pending.js'

const codesOf = (sent: readonly Tracked[]): Promise<string[]> =>
  Promise.all(sent.map(async ({ outcome: settled }) => settled.then((outcome) => (outcome.how === 'done' ? 'done' : `${outcome.how} ${outcome.error.code}`))))

describe('a server that does not let us publish everywhere', () => {
  it('costs the messages that go there, and no others', async () => {
    await using server = await new FakeServer().listen()
    const events = told()
    const session = await natsDriver({ addresses: [server.address] }).open(events, new AbortController().signal)
    const first = [tracked('allowed.a'), tracked('denied.a'), tracked('allowed.b')]
    const second = [tracked('denied.b'), tracked('allowed.c')]
    session.send(first.map(({ message }) => message))
    session.send(second.map(({ message }) => message))
    expect(await codesOf(first)).toEqual(['done', 'refused PERMISSION_DENIED', 'done'])
    expect(await codesOf(second)).toEqual(['refused PERMISSION_DENIED', 'done'])
    const third = [tracked('denied.a'), tracked('allowed.a'), tracked('allowed.a', 'x'.repeat(1_000))]
    session.send(third.map(({ message }) => message))
    expect(await codesOf(third)).toEqual(['refused PERMISSION_DENIED', 'done', 'refused PAYLOAD_TOO_LARGE'])
    expect(server.published).toEqual(['allowed.a', 'allowed.b', 'allowed.c', 'allowed.a'])
    expect(events).toMatchObject({ lost: [], troubles: [] })
    await session.close(1_000)
  })

  it('says so when it does not let us listen, instead of nothing for ever', async () => {
    await using server = await new FakeServer().listen()
    const events = told()
    const session = await natsDriver({ addresses: [server.address] }).open(events, new AbortController().signal)
    const consuming = session.consume!({ from: 'denied.a', group: 'g', maxUnsettled: 1, onMessage: () => undefined })
    await expect(consuming).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(events.lost.map(({ code }) => code)).toEqual(['PERMISSION_DENIED'])
    await session.close(1_000)
  })
})
