import { sharedSweep } from '@frontier/mux'
import { encodeFrame, FrameType, FrontierError, readId, readType } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import type { Status } from '../src/status.js'
import { connectEdge, connectService, newEdge, until } from './ends.js'
import { FakeGateway } from './fake-gateway.js'

const quick = { reconnect: { initialDelayMs: 1, maxDelayMs: 4 } }

function open(): { promise: Promise<void>; resolve: () => void } {
  let resolve!: () => void
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

describe('drain', () => {
  it('finishes what is in flight in both directions, takes no more, and closes', async () => {
    await using gateway = await FakeGateway.start({
      onFrame: (link, bytes, start) => {
        if (readType(bytes, start) !== FrameType.CALL || gateway.links.length > 1) return false
        answer = () => link.send(encodeFrame({ type: FrameType.ANSWER, id, data: new Uint8Array([1]) }))
        const id = readId(bytes, start)
        return true
      },
    })
    let answer: (() => void) | undefined
    const gate = open()
    const statuses: Status[] = []
    const edge = await connectEdge(gateway.address, {
      methods: { slow: () => gate.promise.then(() => 'done') },
      onStatus: (status) => statuses.push(status),
    })
    const call = edge.call('later')
    gateway.link.call(77, 'slow')
    await until(() => answer !== undefined)
    const draining = edge.drain()
    expect(edge.drain()).toBe(draining)
    expect(edge.state).toBe('draining')
    await expect(edge.call('x')).rejects.toMatchObject({ code: 'DRAINING', delivered: 'no' })
    await expect(edge.publish('x', '')).rejects.toMatchObject({ code: 'DRAINING' })
    await expect(edge.openStream('x')).rejects.toMatchObject({ code: 'DRAINING' })
    await expect(edge.register('x', () => '')).rejects.toMatchObject({ code: 'DRAINING' })
    await until(() => gateway.link.goodbye?.isDrain === true)
    answer!()
    expect((await call).data).toEqual(new Uint8Array([1]))
    expect(gateway.link.received).not.toContain(FrameType.ANSWER)
    const { link } = gateway
    gate.resolve()
    await draining
    expect(await edge.closed).toMatchObject({ code: 'CLOSED', message: 'drained' })
    expect(edge.state).toBe('closed')
    await until(() => link.isClosed)
    expect(link.received).toContain(FrameType.ANSWER)
    expect(link.goodbye).toEqual({ code: 'EOF', isDrain: false })
    expect(statuses.map(({ type }) => type)).toEqual(['online', 'draining', 'closed'])
  })

  it('cuts off what is not finished in time', async () => {
    await using gateway = await FakeGateway.start({ confirmsDrain: false })
    const edge = await connectEdge(gateway.address)
    const call = edge.call('never')
    const failed = expect(call).rejects.toMatchObject({ code: 'EOF' })
    await edge.drain({ timeoutMs: 30 })
    await failed
    expect(await edge.closed).toMatchObject({ code: 'CLOSED' })
  })

  it('ends at once without a link', async () => {
    const gateway = await FakeGateway.start()
    const edge = await connectEdge(gateway.address, quick)
    await gateway[Symbol.asyncDispose]()
    await until(() => edge.state === 'offline')
    const waiting = edge.openStream('x')
    const refused = expect(waiting).rejects.toMatchObject({ code: 'DRAINING' })
    const call = expect(edge.call('x')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await edge.drain()
    await refused
    await call
    expect(edge.state).toBe('closed')
  })

  it('is what dispose does, and all ways out work twice and across each other', async () => {
    await using gateway = await FakeGateway.start()
    const edge = await connectEdge(gateway.address)
    await Promise.all([edge[Symbol.asyncDispose](), edge.drain(), edge.close(), edge.close()])
    edge.abort()
    await edge.drain()
    await edge[Symbol.asyncDispose]()
    expect(await edge.closed).toMatchObject({ code: 'CLOSED' })
    await until(() => gateway.links[0]!.isClosed)
  })

  it('makes a connect that has not come through reject', async () => {
    const edge = newEdge('memory://not-yet', quick)
    const connecting = expect(edge.connect()).rejects.toMatchObject({ code: 'CANCELLED' })
    await edge.drain()
    await connecting
  })
})

describe('close and abort', () => {
  it('close sends what is queued and says goodbye; requests in flight fail with EOF', async () => {
    await using gateway = await FakeGateway.start()
    const edge = await connectEdge(gateway.address)
    const failed = expect(edge.call('never')).rejects.toMatchObject({ code: 'EOF' })
    const streams = edge.streams()[Symbol.asyncIterator]()
    await edge.close()
    await failed
    await until(() => gateway.links[0]!.isClosed)
    expect(gateway.links[0]!.received).toContain(FrameType.CALL)
    expect(gateway.links[0]!.goodbye).toEqual({ code: 'EOF', isDrain: false })
    expect(await streams.next()).toEqual({ done: true, value: undefined })
    await expect(edge.call('echo')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(gateway.connections).toBe(1)
  })

  it('abort tells its reason', async () => {
    await using gateway = await FakeGateway.start()
    const edge = await connectEdge(gateway.address)
    edge.abort(new Error('had enough'))
    expect(await edge.closed).toMatchObject({ code: 'CLOSED', message: 'had enough' })
    await until(() => gateway.links[0]!.isClosed)
    expect(gateway.links[0]!.goodbye).toBeUndefined()
  })

  it('close may be called by a status listener', async () => {
    await using gateway = await FakeGateway.start()
    const edge = newEdge(gateway.address)
    edge.onStatus((status) => {
      if (status.type === 'online') void edge.close()
    })
    await edge.connect()
    expect(await edge.closed).toMatchObject({ code: 'CLOSED' })
    expect(edge.state).toBe('closed')
  })
})

describe('a gateway that drains', () => {
  it('is left for another; the old link serves what is in flight', async () => {
    await using first = await FakeGateway.start({
      onFrame: (link, bytes, start) => {
        if (readType(bytes, start) !== FrameType.CALL) return false
        const id = readId(bytes, start)
        answer = () => link.send(encodeFrame({ type: FrameType.ANSWER, id, data: new Uint8Array([1]) }))
        return true
      },
    })
    let answer: (() => void) | undefined
    const statuses: Status[] = []
    await using edge = await connectEdge([first.address, 'memory://second'], { ...quick, onStatus: (status) => statuses.push(status) })
    const call = edge.call('later')
    await until(() => answer !== undefined)
    const old = first.link
    await using second = await FakeGateway.start({}, 'second')
    await first.stopListening()
    old.drain(10_000)
    await until(() => edge.state === 'draining')
    expect((await edge.call('echo', 'new work')).text()).toBe('new work')
    expect(second.links).toHaveLength(1)
    expect(edge.state).toBe('online')
    expect(old.isClosed).toBe(false)
    answer!()
    expect((await call).data).toEqual(new Uint8Array([1]))
    await until(() => old.isClosed)
    expect(old.goodbye).toEqual({ code: 'EOF', isDrain: false })
    expect(statuses.map(({ type }) => type).filter((type) => type !== 'retrying')).toEqual(['online', 'draining', 'online'])
    expect(statuses[1]).toEqual({ type: 'draining', reason: 'going away' })
  })

  it('is left with the pauses of a new search, not with those of the last one', async () => {
    const first = await FakeGateway.start()
    const attempts: number[] = []
    await using edge = await connectEdge([first.address, 'memory://pauses'], {
      reconnect: { initialDelayMs: 1, maxDelayMs: 2 },
      onStatus: (status) => status.type === 'retrying' && attempts.push(status.attempt),
    })
    await first[Symbol.asyncDispose]()
    await until(() => attempts.length >= 5)
    await using second = await FakeGateway.start({}, 'pauses')
    await until(() => edge.state === 'online')
    const onlineAt = performance.now()
    await until(() => performance.now() > onlineAt + 2)
    const before = attempts.length
    second.link.drain(10_000)
    await until(() => second.links.length === 2 && edge.state === 'online')
    expect(attempts[before]).toBe(1)
  })

  it('is left with nothing in flight even when there is nowhere to go', async () => {
    const gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, quick)
    await gateway.stopListening()
    const { link } = gateway
    link.drain(60_000)
    await until(() => link.isClosed)
    expect(edge.state).toBe('offline')
  })

  it('ends an end that does not reconnect, behind what is in flight', async () => {
    let answer: (() => void) | undefined
    await using gateway = await FakeGateway.start({
      onFrame: (link, bytes, start) => {
        if (readType(bytes, start) !== FrameType.CALL) return false
        const id = readId(bytes, start)
        answer = () => link.send(encodeFrame({ type: FrameType.ANSWER, id, data: new Uint8Array([1]) }))
        return true
      },
    })
    const edge = await connectEdge(gateway.address, { reconnect: false })
    const call = edge.call('later')
    await until(() => answer !== undefined)
    gateway.link.drain(60_000)
    await until(() => edge.state === 'draining')
    await expect(edge.call('new work')).rejects.toMatchObject({ code: 'DRAINING', delivered: 'no' })
    answer!()
    expect((await call).data).toEqual(new Uint8Array([1]))
    expect(await edge.closed).toMatchObject({ code: 'DRAINING' })
    expect(edge.state).toBe('closed')
    const other = await connectEdge(gateway.address, { reconnect: false })
    gateway.link.drain(60_000)
    expect(await other.closed).toMatchObject({ code: 'DRAINING' })
  })

  it('is cut off when its budget is up', async () => {
    await using first = await FakeGateway.start()
    await using second = await FakeGateway.start()
    await using edge = await connectEdge(first.address, quick)
    const failed = expect(edge.call('never')).rejects.toMatchObject({ code: 'EOF' })
    await until(() => first.link.received.includes(FrameType.CALL))
    first.link.drain(20)
    await failed
    await until(() => first.links[0]!.isClosed)
    expect(second.links).toHaveLength(0)
  })

  it('REPLACED on the old link is no news', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, quick)
    const failed = expect(edge.call('never')).rejects.toMatchObject({ code: 'EOF' })
    const old = gateway.link
    await until(() => old.received.includes(FrameType.CALL))
    old.drain(60_000)
    await until(() => gateway.links.length === 2 && edge.state === 'online')
    old.sayGoodbye(new FrontierError('REPLACED', 'by its own newer link'))
    await failed
    expect(edge.state).toBe('online')
  })

  it('keeps a service and its registrations reachable over the new link', async () => {
    await using gateway = await FakeGateway.start()
    await using service = await connectService(gateway.address, quick)
    await service.register('m', () => 'here')
    gateway.link.drain(60_000)
    await until(() => gateway.links.length === 2 && service.state === 'online')
    expect(gateway.hellos[1]!.methods).toEqual(['m'])
    await using edge = await connectEdge(gateway.address)
    expect((await edge.call('m')).text()).toBe('here')
  })
})

describe('what is left behind', () => {
  it('no timer, no member of the sweep, once an end is closed, however it was', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = { timers: timers(), members: sharedSweep.size }
    for (const leave of ['drain', 'close', 'abort'] as const) {
      await using gateway = await FakeGateway.start()
      const edge = await connectEdge(gateway.address, quick)
      const calls = [edge.call('never'), edge.call('never', '', { timeoutMs: 60_000 })].map((call) => call.catch(() => undefined))
      const { link } = gateway
      if (leave === 'drain') await edge.drain({ timeoutMs: 10 })
      else void edge[leave]()
      await Promise.all(calls)
      await until(() => link.isClosed)
      const away = newEdge('memory://nobody-there', quick)
      away.connect().catch(() => undefined)
      await until(() => away.state === 'connecting')
      void away[leave]()
      await away.closed
    }
    await until(() => timers() <= before.timers && sharedSweep.size === before.members)
  })
})
