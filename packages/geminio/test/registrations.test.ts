import { encodeError, FrameType, FrontierError, readId, readType } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { connectEdge, connectService, until } from './ends.js'
import { FakeGateway } from './fake-gateway.js'

const quick = { reconnect: { initialDelayMs: 1, maxDelayMs: 4 } }

describe('register', () => {
  it('resolves when the gateway has confirmed, rides in later hellos, and is taken away by dispose', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, quick)
    const registration = await edge.register('hello', () => 'world')
    expect([...gateway.link.registered]).toEqual(['hello'])
    gateway.link.die()
    await until(() => gateway.links.length === 2 && edge.state === 'online')
    expect(gateway.hellos[1]!.methods).toEqual(['hello'])
    expect(gateway.link.registered.size).toBe(0)
    gateway.link.registered.add('hello')
    registration[Symbol.dispose]()
    registration[Symbol.dispose]()
    await until(() => gateway.link.registered.size === 0)
    gateway.link.die()
    await until(() => gateway.links.length === 3 && edge.state === 'online')
    expect(gateway.hellos[2]!.methods).toEqual([])
  })

  it('serves calls that arrive right behind the welcome', async () => {
    await using gateway = await FakeGateway.start()
    await using service = await connectService(gateway.address)
    const connecting = connectEdge(gateway.address, { id: 9, methods: { twice: (request) => request.text() + request.text() } })
    await until(() => gateway.links.length === 2)
    expect((await service.call(9n, 'twice', 'ab')).text()).toBe('abab')
    await using edge = await connecting
    expect(edge.id).toBe(9n)
  })

  it('rejects INVALID_ARGUMENT for a name that is registered, reserved or empty', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, { methods: { taken: () => '' } })
    for (const name of ['taken', 'get_edge_id', '', 'x'.repeat(1025)]) {
      await expect(edge.register(name, () => '')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })

  it('rejects with what the gateway answered, and frees the name', async () => {
    await using gateway = await FakeGateway.start({
      onFrame: (link, bytes, start) => {
        if (readType(bytes, start) !== FrameType.REGISTER) return false
        link.send(encodeError(FrameType.ANSWER, readId(bytes, start), new FrontierError('PERMISSION_DENIED', 'not you'), true))
        return true
      },
    })
    await using edge = await connectEdge(gateway.address, quick)
    await expect(edge.register('secret', () => '')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    delete gateway.script.onFrame
    await using _ = { [Symbol.asyncDispose]: async () => (await edge.register('secret', () => ''))[Symbol.dispose]() }
    gateway.link.die()
    await until(() => gateway.hellos.length === 2)
    expect(gateway.hellos[1]!.methods).toEqual([])
  })

  it('goes on in the next hello when the link dies before the answer', async () => {
    await using gateway = await FakeGateway.start({
      onFrame: (link, bytes, start) => {
        if (readType(bytes, start) !== FrameType.REGISTER) return false
        link.die()
        return true
      },
    })
    await using edge = await connectEdge(gateway.address, quick)
    const registration = await edge.register('stubborn', () => '')
    expect(gateway.hellos[1]!.methods).toEqual(['stubborn'])
    registration[Symbol.dispose]()
  })

  it('makes good at the welcome what changed since the hello', async () => {
    await using gateway = await FakeGateway.start()
    await using edge = await connectEdge(gateway.address, { ...quick, methods: { stays: () => '' } })
    const goes = await edge.register('goes', () => '')
    let comes: Promise<Disposable> | undefined
    gateway.script.onHello = () => {
      goes[Symbol.dispose]()
      comes ??= edge.register('comes', () => '')
      return undefined
    }
    gateway.link.die()
    await until(() => gateway.links.length === 2 && edge.state === 'online')
    await comes
    expect(gateway.hellos[1]!.methods).toEqual(['stays', 'goes'])
    await until(() => gateway.link.received.includes(FrameType.UNREGISTER))
    expect([...gateway.link.registered]).toEqual(['comes'])
  })

  it('times out when the gateway does not answer', async () => {
    await using gateway = await FakeGateway.start({ onFrame: (_link, bytes, start) => readType(bytes, start) === FrameType.REGISTER })
    await using edge = await connectEdge(gateway.address)
    await expect(edge.register('slow', () => '', { timeoutMs: 20 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    await until(() => gateway.link.received.includes(FrameType.UNREGISTER))
  })
})
