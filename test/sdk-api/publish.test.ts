// sdk-api.md: PublishOptions; publish of edge and service, its ack, its order, its topics.
import { getEventListeners } from 'node:events'
import { FrontierError, json, type Message } from '@frontier/edge'
import { describe, expect, it } from 'vitest'
import { delayProxy } from '../support/delay-proxy.js'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { payload } from '../support/payload.js'
import { startGateway } from '../support/test-gateway.js'
import { trio } from '../support/trio.js'

const never = (): Promise<void> => new Promise(() => undefined)

describe('acked', () => {
  it('is the default: resolves when the receiver has said done, not before', async () => {
    const messages: Message[] = []
    const onMessage = async (message: Message): Promise<void> => {
      messages.push(message)
      await said.promise
    }
    let said = deferred()
    await using three = await trio({ edge: { onMessage }, service: { topics: ['t'], onMessage } })
    const { edge, service } = three
    for (const publish of [
      () => edge.publish('t', 'x'),
      () => edge.publish('t', 'x', { delivery: 'acked' }),
      () => service.publish(edge.id, 'x'),
      () => service.publish(edge.id, 'x', { delivery: 'acked' }),
    ]) {
      said = deferred()
      let isSettled = false
      const publishing = publish().finally(() => (isSettled = true))
      await eventually('it arrived', () => messages.pop())
      // There and back on the same links: an acknowledgement sent before would be here.
      await rejectionOf(edge.call('none'))
      await rejectionOf(service.call(edge.id, 'none'))
      expect(isSettled).toBe(false)
      said.resolve()
      await publishing
    }
  })

  it('rejects as the receiver says', async () => {
    const reply: ((message: Message) => void)[] = []
    const onMessage = (message: Message): void => reply.shift()!(message)
    await using three = await trio({ edge: { onMessage }, service: { topics: ['t'], onMessage } })
    const { edge, service } = three
    for (const publish of [() => edge.publish('t', 'x'), () => service.publish(edge.id, 'x')]) {
      reply.push((message) => {
        message.fail('not now')
      })
      expect(await rejectionOf(publish())).toMatchObject({ code: 'REMOTE_ERROR', message: 'REMOTE_ERROR: not now', origin: 'peer', delivered: 'maybe' })
      reply.push((message) => {
        message.fail(new FrontierError('RECORD_NOT_FOUND', 'no row'))
      })
      expect(await rejectionOf(publish())).toMatchObject({ code: 'RECORD_NOT_FOUND', message: 'RECORD_NOT_FOUND: no row', origin: 'peer' })
      reply.push(() => {
        throw new Error('boom')
      })
      expect(await rejectionOf(publish())).toMatchObject({ code: 'REMOTE_ERROR', message: 'REMOTE_ERROR: boom' })
    }
  })

  it('is TIMEOUT when nobody settles it in time, EOF when the receiver goes', async () => {
    const arrived: Message[] = []
    const onMessage = (message: Message): Promise<void> => (arrived.push(message), never())
    await using three = await trio({ edge: { onMessage } })
    const { gateway, edge, service } = three
    expect(await rejectionOf(service.publish(edge.id, 'x', { timeoutMs: 50 }))).toMatchObject({ code: 'TIMEOUT', delivered: 'maybe' })
    const other = await gateway.edge({ onMessage })
    const lost = rejectionOf(service.publish(other.id, 'x'))
    await eventually('it arrived', () => arrived.length === 2)
    other.abort()
    expect(await lost).toMatchObject({ code: 'EOF', delivered: 'maybe', origin: 'gateway' })
  })

  it('can be cancelled, and leaves no listener', async () => {
    await using three = await trio({ edge: { onMessage: never } })
    const { edge, service } = three
    const cancel = new AbortController()
    const publishing = service.publish(edge.id, 'x', { signal: cancel.signal })
    cancel.abort()
    expect((await rejectionOf(publishing)).code).toBe('CANCELLED')
    expect(getEventListeners(cancel.signal, 'abort')).toHaveLength(0)
  })
})

describe('at-most-once', () => {
  it('resolves when it was sent: nobody answers it, nothing fails because of the receiver', async () => {
    const heard: string[] = []
    const onMessage = (message: Message): void => {
      heard.push(message.text())
      throw new Error('nobody hears of this')
    }
    await using three = await trio({ edge: { onMessage }, service: { topics: ['t'], onMessage } })
    const { edge, service } = three
    await edge.publish('t', 'one', { delivery: 'at-most-once' })
    await service.publish(edge.id, 'two', { delivery: 'at-most-once', topic: 'x' })
    await eventually('both arrived', () => heard.length === 2)
    // Not for want of a receiver either: there is nobody who could say so.
    await edge.publish('nobody', 'x', { delivery: 'at-most-once' })
    await service.publish(12_345, 'x', { delivery: 'at-most-once' })
    expect(heard.sort()).toEqual(['one', 'two'])
  })

  it('keeps no place once it is sent', async () => {
    const heard: string[] = []
    await using three = await trio({ edge: { maxInFlight: 1 }, service: { topics: ['t'], onMessage: (message) => void heard.push(message.text()) } })
    const all = Array.from({ length: 10 }, (_, i) => String(i))
    await Promise.all(all.map((text) => three.edge.publish('t', text, { delivery: 'at-most-once' })))
    await eventually('all arrived', () => heard.length === 10)
    expect(heard).toEqual(all)
  })

  it('is never sent twice: what was sent when the link went is not sent again', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 30)
    const heard: string[] = []
    await gateway.service({ topics: ['t'], onMessage: (message) => void heard.push(message.text()) })
    const edge = await gateway.edge({ reconnect: { initialDelayMs: 1, maxDelayMs: 5 } }, proxy.address)
    await edge.publish('t', 'lost', { delivery: 'at-most-once' })
    const acked = rejectionOf(edge.publish('t', 'lost too'))
    // Both are on their way, 30 ms of it.
    await new Promise((resolve) => setImmediate(resolve))
    proxy.cut('reset')
    expect(await acked).toMatchObject({ code: 'EOF', delivered: 'maybe' })
    await edge.publish('t', 'after')
    expect(heard).toEqual(['after'])
  })
})

describe('what arrives', () => {
  it('is topic, edgeId, data and meta', async () => {
    const messages: Message[] = []
    const onMessage = (message: Message): void => void messages.push(message)
    await using three = await trio({ edge: { onMessage }, service: { topics: ['t'], onMessage } })
    const { edge, service } = three
    await edge.publish('t', json({ ä: 1 }), { meta: 'm' })
    await service.publish(edge.id, new Uint8Array([1, 255]), { topic: 'for you', meta: new Uint8Array([7]) })
    await service.publish(edge.id, '')
    const [up, down, bare] = messages
    expect(up).toMatchObject({ topic: 't', edgeId: edge.id })
    expect(up!.json()).toEqual({ ä: 1 })
    expect(new TextDecoder().decode(up!.meta)).toBe('m')
    expect(down).toMatchObject({ topic: 'for you', edgeId: edge.id })
    expect([...down!.data, ...down!.meta]).toEqual([1, 255, 7])
    expect(bare).toMatchObject({ topic: '', edgeId: edge.id })
    expect(bare!.data).toHaveLength(0)
  })

  it('does not change afterwards, and pins no more than itself', async () => {
    const kept: Message[] = []
    await using three = await trio({ service: { topics: ['t'], onMessage: (message) => void kept.push(message) } })
    const sent = Array.from({ length: 300 }, (_, i) => payload(64, i + 1))
    await Promise.all(sent.map((data) => three.edge.publish('t', data)))
    const hex = kept.map(({ data }) => Buffer.from(data).toString('hex'))
    await Promise.all(sent.map(() => three.edge.publish('t', payload(64, 9999))))
    expect(kept.slice(0, 300).map(({ data }) => Buffer.from(data).toString('hex'))).toEqual(hex)
    expect(hex).toEqual(sent.map((data) => Buffer.from(data).toString('hex')))
    for (const { data } of kept) expect(data.buffer.byteLength).toBeLessThan(1024)
  })

  it.each(['acked', 'at-most-once'] as const)('%s: the buffer is ours again when publish settles', async (delivery) => {
    const heard: Uint8Array[] = []
    await using three = await trio({ service: { topics: ['t'], onMessage: ({ data }) => void heard.push(data) } })
    for (const length of [8, 20_000, 1_000_000]) {
      const buffer = payload(length, length)
      const before = buffer.slice()
      await three.edge.publish('t', buffer, { delivery })
      buffer.fill(0xee)
      const got = await eventually('it arrived', () => heard.pop())
      expect(Buffer.compare(got, before)).toBe(0)
    }
  })
})

describe('order', () => {
  it('of one sender is kept, small and large among each other', async () => {
    const up: number[] = []
    const down: number[] = []
    const note = (list: number[]) => (message: Message) => void list.push(new DataView(message.data.buffer, message.data.byteOffset).getUint32(0))
    await using three = await trio({ edge: { onMessage: note(down) }, service: { topics: ['t'], onMessage: note(up) } })
    const { edge, service } = three
    const numbered = (i: number): Uint8Array => {
      const data = new Uint8Array(i % 10 === 0 ? 150_000 : 4)
      new DataView(data.buffer).setUint32(0, i)
      return data
    }
    const all = Array.from({ length: 100 }, (_, i) => i)
    await Promise.all(all.flatMap((i) => [edge.publish('t', numbered(i)), service.publish(edge.id, numbered(i))]))
    expect(up).toEqual(all)
    expect(down).toEqual(all)
  })
})

describe('topics', () => {
  it('go to the service that has them; an exact one before *', async () => {
    await using gateway = await startGateway()
    const heard: string[] = []
    const note = (who: string) => (message: Message) => void heard.push(`${who}:${message.topic}`)
    await gateway.service({ topics: ['a', 'a.>'], onMessage: note('exact') })
    const all = await gateway.service({ topics: ['*'], onMessage: note('all') })
    const edge = await gateway.edge()
    for (const topic of ['a', 'b', 'a.>', 'a.b', '*']) await edge.publish(topic, 'x')
    expect(heard).toEqual(['exact:a', 'all:b', 'exact:a.>', 'all:a.b', 'all:*'])
    await all.close()
    await eventually('it is gone', () => gateway.frontier.registry.serviceCount === 1)
    expect(await rejectionOf(edge.publish('b', 'x'))).toMatchObject({ code: 'TOPIC_NOT_ONLINE', origin: 'gateway', delivered: 'no', retryable: true })
  })

  it('nobody at the id is EDGE_NOT_ONLINE', async () => {
    await using three = await trio()
    expect(await rejectionOf(three.service.publish(99, 'x'))).toMatchObject({ code: 'EDGE_NOT_ONLINE', delivered: 'no', origin: 'gateway' })
  })

  it('arguments that are none are INVALID_ARGUMENT', async () => {
    await using three = await trio()
    const { edge, service } = three
    const wrong = [
      edge.publish('t', 5 as never),
      edge.publish('t', 'x', { timeoutMs: -1 }),
      edge.publish('t', 'x', { delivery: 'twice' as never }),
      edge.publish('t'.repeat(1025), 'x'),
      service.publish(edge.id, null as never),
      service.publish(edge.id, 'x', { topic: 't'.repeat(1025) }),
    ]
    const codes = await Promise.all(wrong.map(async (each) => (await rejectionOf(each)).code))
    expect(codes).toEqual(wrong.map(() => 'INVALID_ARGUMENT'))
  })
})
