import { FrameType, FrontierError } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import type { Status } from '../src/status.js'
import { connectEdge, until } from './ends.js'
import { FakeGateway } from './fake-gateway.js'

const quick = { reconnect: { initialDelayMs: 1, maxDelayMs: 4 } }

describe('reconnect', () => {
  it('comes back with the id and the resume token of the last welcome, and tells it', async () => {
    await using gateway = await FakeGateway.start()
    const statuses: Status[] = []
    await using edge = await connectEdge(gateway.address, { ...quick, onStatus: (status) => statuses.push(status) })
    gateway.link.die()
    await until(() => edge.state === 'offline')
    await until(() => edge.state === 'online')
    expect(gateway.hellos[1]).toMatchObject({ wantedId: 1000n, resume: 'resume-1000' })
    expect(statuses.map(({ type }) => type)).toEqual(['online', 'offline', 'retrying', 'online'])
    expect(statuses[0]).toEqual({ type: 'online', id: 1000n, resumed: false })
    expect(statuses[1]).toMatchObject({ error: { code: 'EOF' } })
    expect(statuses[2]).toMatchObject({ attempt: 1 })
    expect(statuses[3]).toEqual({ type: 'online', id: 1000n, resumed: true })
    expect((await edge.call('echo', 'again')).text()).toBe('again')
  })

  it('presents a wanted id each time', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, { ...quick, id: 5n })
    gateway.link.die()
    await until(() => gateway.hellos.length === 2 && edge.state === 'online')
    expect(gateway.hellos.map((hello) => hello.wantedId)).toEqual([5n, 5n])
  })

  it('takes a new id when the old one, which it never asked for, is refused', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, quick)
    gateway.script.onHello = (hello) => {
      if (hello.wantedId !== 0n) throw new FrontierError('ILLEGAL_EDGE_ID', 'taken')
      return undefined
    }
    gateway.link.die()
    await until(() => gateway.hellos.length === 3 && edge.state === 'online')
    expect(edge.id).toBe(1001n)
  })

  it.each(['UNAUTHENTICATED', 'PERMISSION_DENIED', 'PROTOCOL_ERROR'] as const)('ends for good when a later hello is answered %s', async (code) => {
    await using gateway = await FakeGateway.start()
    const edge = await connectEdge(gateway.address, quick)
    gateway.script.onHello = () => {
      throw new FrontierError(code, 'not any more')
    }
    gateway.link.die()
    expect(await edge.closed).toMatchObject({ code })
    expect(edge.state).toBe('closed')
    await expect(edge.call('echo')).rejects.toMatchObject({ code: 'UNAVAILABLE', delivered: 'no' })
  })

  it('ends for good when it was REPLACED', async () => {
    await using gateway = await FakeGateway.start()
    const edge = await connectEdge(gateway.address, quick)
    gateway.link.sayGoodbye(new FrontierError('REPLACED', 'a newer link took the id'))
    expect(await edge.closed).toMatchObject({ code: 'REPLACED', error: { origin: 'gateway' } })
    expect(gateway.connections).toBe(1)
  })

  it.each(['KICKED', 'SLOW_CONSUMER', 'EOF'] as const)('comes back after %s', async (code) => {
    await using gateway = await FakeGateway.start()
    const statuses: Status[] = []
    await using edge = await connectEdge(gateway.address, { ...quick, onStatus: (status) => statuses.push(status) })
    gateway.link.sayGoodbye(new FrontierError(code, 'bye'))
    await until(() => gateway.links.length === 2 && edge.state === 'online')
    expect(statuses.find(({ type }) => type === 'offline')).toMatchObject({ error: { code, origin: 'gateway' } })
  })

  it('comes back after the gateway broke the protocol on one connection', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, quick)
    gateway.link.send(new Uint8Array(24).fill(0x99))
    await until(() => gateway.links.length === 2 && edge.state === 'online')
    expect(gateway.links[0]!.goodbye).toMatchObject({ code: 'PROTOCOL_ERROR' })
  })

  it('ends with reconnect: false', async () => {
    await using gateway = await FakeGateway.start()
    const edge = await connectEdge(gateway.address, { reconnect: false })
    gateway.link.die()
    expect(await edge.closed).toMatchObject({ code: 'EOF' })
  })

  it('survives a welcome and a goodbye in one breath', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, quick)
    let isFirst = true
    // The goodbye is queued right behind the welcome: both leave in one write.
    const push = gateway.links.push.bind(gateway.links)
    gateway.links.push = (...links) => {
      if (isFirst) queueMicrotask(() => links[0]!.sayGoodbye(new FrontierError('KICKED', 'at once')))
      isFirst = false
      return push(...links)
    }
    gateway.links[0]!.die()
    await until(() => gateway.links.length === 3 && edge.state === 'online')
    expect((await edge.call('echo', 'x')).text()).toBe('x')
  })

  it('fails what was sent with EOF, and sends what waited in order once the link is back', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, quick)
    const sent = edge.call('never')
    await until(() => gateway.link.received.includes(FrameType.CALL))
    gateway.link.die()
    await expect(sent).rejects.toMatchObject({ code: 'EOF', delivered: 'maybe' })
    const order: string[] = []
    const waiting = ['a', 'b', 'c'].map((text) => edge.call('echo', text).then((reply) => order.push(reply.text())))
    await Promise.all(waiting)
    expect(order).toEqual(['a', 'b', 'c'])
  })

  it('fails call, publish, openStream and register with UNAVAILABLE when no link comes in time', async () => {
    const gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, { reconnect: { initialDelayMs: 1, maxDelayMs: 5 } })
    await gateway[Symbol.asyncDispose]()
    await until(() => edge.state === 'offline')
    const options = { timeoutMs: 40 }
    const results = await Promise.allSettled([
      edge.call('echo', 'x', options),
      edge.publish('topic', 'x', options),
      edge.openStream('svc', options),
      edge.register('late', () => '', options),
    ])
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE', delivered: 'no' } })
    // The name is free again.
    const again = edge.register('late', () => '', options)
    await expect(again).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('gives up waiting for a link with CANCELLED', async () => {
    const gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, quick)
    await gateway[Symbol.asyncDispose]()
    await until(() => edge.state === 'offline')
    const controller = new AbortController()
    const { signal } = controller
    const pending = [edge.call('echo', 'x', { signal }), edge.openStream('svc', { signal }), edge.register('late', () => '', { signal })]
    controller.abort()
    for (const each of pending) await expect(each).rejects.toMatchObject({ code: 'CANCELLED' })
  })

  it('tells the others when one status listener throws', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, quick)
    const faults: unknown[] = []
    const onFault = (error: unknown): unknown => faults.push(error)
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', onFault)
    try {
      const heard: string[] = []
      const faulty = edge.onStatus(() => {
        throw new Error('mine')
      })
      const registration = edge.onStatus((status) => heard.push(status.type))
      gateway.link.die()
      await until(() => heard.includes('online') && faults.length === 3)
      registration[Symbol.dispose]()
      faulty[Symbol.dispose]()
      gateway.link.die()
      await until(() => gateway.links.length === 3 && edge.state === 'online')
      expect(heard).toEqual(['offline', 'retrying', 'online'])
    } finally {
      process.removeListener('uncaughtException', onFault)
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
  })
})
