// sdk-api.md: Message, messages(), onMessage() of both ends.
import { FrontierError, type Message } from '@frontier/edge'
import { describe, expect, it } from 'vitest'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { startGateway } from '../support/test-gateway.js'
import { trio } from '../support/trio.js'

const never = (): Promise<void> => new Promise(() => undefined)

describe('done and fail', () => {
  it('count the first time only, also against the return or throw of the handler', async () => {
    const plays: ((message: Message) => void | Promise<void>)[] = []
    await using three = await trio({ edge: { onMessage: (message) => plays.shift()!(message) } })
    const { edge, service } = three
    const outcome = async (play: (message: Message) => void | Promise<void>): Promise<string> => {
      plays.push(play)
      return service.publish(edge.id, 'x').then(
        () => 'acked',
        (error: unknown) => (error as FrontierError).message,
      )
    }
    expect(
      await outcome((message) => {
        message.done()
        message.fail('too late')
      }),
    ).toBe('acked')
    expect(
      await outcome((message) => {
        message.fail('first')
        message.done()
        message.fail('second')
      }),
    ).toBe('REMOTE_ERROR: first')
    expect(
      await outcome((message) => {
        message.done()
        throw new Error('after done')
      }),
    ).toBe('acked')
    expect(await outcome(async (message) => message.fail(new FrontierError('RATE_LIMITED', 'slowly')))).toBe('RATE_LIMITED: slowly')
    expect(
      await outcome(async () => {
        throw new Error('async throw')
      }),
    ).toBe('REMOTE_ERROR: async throw')
    expect(await outcome(() => undefined)).toBe('acked')
    expect(await outcome(async () => undefined)).toBe('acked')
  })

  it('settle before the handler returns', async () => {
    await using three = await trio({
      edge: {
        onMessage: (message) => {
          message.done()
          return never()
        },
      },
    })
    await three.service.publish(three.edge.id, 'x')
  })

  it('too late do no harm', async () => {
    const kept: Message[] = []
    await using three = await trio({ edge: { onMessage: (message) => (kept.push(message), never()) } })
    const { edge, service } = three
    expect((await rejectionOf(service.publish(edge.id, 'x', { timeoutMs: 40 }))).code).toBe('TIMEOUT')
    kept[0]!.done()
    kept[0]!.fail('x')
    expect(edge.state).toBe('online')
  })
})

describe('messages()', () => {
  it('hands out what comes; unsettled at the deadline is TIMEOUT at the publisher', async () => {
    await using three = await trio({ service: { topics: ['t'] } })
    const { edge, service } = three
    const messages = service.messages()[Symbol.asyncIterator]()
    const acked = edge.publish('t', 'a')
    const first = (await messages.next()).value as Message
    expect(first).toMatchObject({ topic: 't', edgeId: edge.id })
    first.done()
    await acked
    const failed = rejectionOf(edge.publish('t', 'b'))
    ;((await messages.next()).value as Message).fail('no')
    expect(await failed).toMatchObject({ code: 'REMOTE_ERROR', message: 'REMOTE_ERROR: no' })
    const ignored = rejectionOf(edge.publish('t', 'c', { timeoutMs: 50 }))
    expect(((await messages.next()).value as Message).text()).toBe('c')
    expect(await ignored).toMatchObject({ code: 'TIMEOUT', delivered: 'maybe' })
  })

  it('keeps what came before anybody asked, in order', async () => {
    await using three = await trio()
    const { edge, service } = three
    const publishing = ['a', 'b', 'c'].map((text) => service.publish(edge.id, text))
    const heard: string[] = []
    for await (const message of edge.messages()) {
      heard.push(message.text())
      message.done()
      if (heard.length === 3) break
    }
    expect(heard).toEqual(['a', 'b', 'c'])
    await Promise.all(publishing)
  })

  it('ends when the end is closed', async () => {
    await using three = await trio()
    const reading = (async () => {
      for await (const _ of three.edge.messages());
      return 'ended'
    })()
    await three.edge.close()
    expect(await reading).toBe('ended')
  })
})

describe('one consumer', () => {
  it('of messages: a second is INVALID_ARGUMENT, until the first has gone', async () => {
    await using three = await trio()
    const { edge, service } = three
    for (const end of [edge, service]) {
      const first = end.onMessage(() => undefined)
      for (const second of [() => end.onMessage(() => undefined), () => end.messages()]) {
        expect(second).toThrow(FrontierError)
        expect(second).toThrow(/^INVALID_ARGUMENT/)
      }
      first[Symbol.dispose]()
      first[Symbol.dispose]()
      const iterator = end.messages()[Symbol.asyncIterator]()
      expect(() => end.onMessage(() => undefined)).toThrow(/^INVALID_ARGUMENT/)
      await iterator.return!()
      end.onMessage(() => undefined)[Symbol.dispose]()
    }
  })

  it('given in the options counts', async () => {
    await using three = await trio({ edge: { onMessage() {}, onStream() {} } })
    expect(() => three.edge.messages()).toThrow(/^INVALID_ARGUMENT/)
    expect(() => three.edge.streams()).toThrow(/^INVALID_ARGUMENT/)
  })

  it('disposed of twice does not take the place of the next', async () => {
    await using three = await trio()
    const { edge, service } = three
    const heard: string[] = []
    const first = edge.onMessage(() => void heard.push('first'))
    first[Symbol.dispose]()
    edge.onMessage(() => void heard.push('second'))
    first[Symbol.dispose]()
    await service.publish(edge.id, 'x')
    expect(heard).toEqual(['second'])
  })
})

describe('onMessage', () => {
  it('is called one at a time per sender, senders side by side', async () => {
    await using gateway = await startGateway()
    const running: string[] = []
    const begun: string[] = []
    const gates = new Map<string, ReturnType<typeof deferred<void>>>()
    const service = await gateway.service({
      topics: ['t'],
      onMessage: async (message) => {
        const text = message.text()
        begun.push(text)
        running.push(text)
        const gate = deferred()
        gates.set(text, gate)
        await gate.promise
        running.splice(running.indexOf(text), 1)
      },
    })
    const edges = [await gateway.edge(), await gateway.edge()] as const
    const publishing = ['a1', 'a2', 'a3'].map((text) => edges[0].publish('t', text))
    publishing.push(...['b1', 'b2'].map((text) => edges[1].publish('t', text)))
    await eventually('one of each runs', () => running.length === 2)
    // More has arrived by now: a call on the same link comes after it.
    await Promise.all(edges.map((edge) => rejectionOf(edge.call('none'))))
    expect(running.sort()).toEqual(['a1', 'b1'])
    gates.get('b1')!.resolve()
    await eventually('the next of b', () => begun.includes('b2'))
    expect(running.sort()).toEqual(['a1', 'b2'])
    for (const text of ['a1', 'b2']) gates.get(text)!.resolve()
    for (const text of ['a2', 'a3']) (await eventually(text, () => gates.get(text))).resolve()
    await Promise.all(publishing)
    expect(begun.filter((text) => text.startsWith('a'))).toEqual(['a1', 'a2', 'a3'])
    expect(service.state).toBe('online')
  })

  // On an edge's link the protocol names no sender (docs/protocol.md, section 4): all services are one there.
  it('of an edge: services are different senders', async () => {
    await using gateway = await startGateway()
    const begun: string[] = []
    const edge = await gateway.edge({ onMessage: (message) => (begun.push(message.text()), message.text() === 'stuck' ? never() : undefined) })
    const [one, other] = [await gateway.service(), await gateway.service()]
    const stuck = one.publish(edge.id, 'stuck').catch(() => undefined)
    await eventually('it is stuck', () => begun.length === 1)
    try {
      await other.publish(edge.id, 'other', { timeoutMs: 250 })
    } finally {
      edge.abort()
      await stuck
    }
  })

  it('goes on for its sender after a throw', async () => {
    const heard: string[] = []
    await using three = await trio({
      edge: {
        onMessage: async (message) => {
          heard.push(message.text())
          if (message.text() === 'bad') throw new Error('bad')
        },
      },
    })
    const { edge, service } = three
    const results = await Promise.allSettled(['a', 'bad', 'c'].map((text) => service.publish(edge.id, text)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(heard).toEqual(['a', 'bad', 'c'])
  })

  it('is kept through a disposal: what waits is for the next consumer', async () => {
    await using three = await trio()
    const { edge, service } = three
    const waiting = service.publish(edge.id, 'early')
    const heard: string[] = []
    edge.onMessage((message) => void heard.push(message.text()))
    await waiting
    expect(heard).toEqual(['early'])
  })
})
