import { FrontierError, toBytes, utf8 } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { eventually, jsonOf, type RawPeer } from '../test/raw-peer.js'
import { testGateway, type TestGateway } from '../test/test-gateway.js'

const idBytes = (id: bigint): Uint8Array => {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, id)
  return bytes
}

const idService = (gateway: TestGateway): Promise<RawPeer> => gateway.service({ methods: ['get_edge_id'] })

describe('edge ids without an id service', () => {
  it('are allotted, each another', async () => {
    await using gateway = await testGateway()
    const ids = new Set<bigint>()
    for (let i = 0; i < 5; i++) ids.add((await gateway.edge()).id)
    expect(ids.size).toBe(5)
    for (const id of ids) expect(Math.abs(Number(id >> 32n) - Date.now() / 1000)).toBeLessThan(60)
  })

  it('are granted as wanted when they are free, and refused when they are live', async () => {
    await using gateway = await testGateway()
    const first = await gateway.edge({ id: 77n })
    expect(first.id).toBe(77n)
    const stranger = await gateway.knockingEdge({ id: 77n })
    expect(await stranger.goodbye()).toEqual({ code: 'ILLEGAL_EDGE_ID', reason: 'the id 77 is in use' })
    expect(first.isEnded).toBe(false)
    first.pipe.destroy()
    await eventually(() => gateway.frontier.registry.edgeCount === 0)
    expect((await gateway.edge({ id: 77n })).id).toBe(77n)
  })

  it('are kept with a resume token, its generation grows', async () => {
    await using gateway = await testGateway()
    const first = await gateway.edge()
    first.pipe.destroy()
    const { id, resume, generation } = first.welcome
    const second = await gateway.edge({ id, resume })
    expect(second.welcome).toMatchObject({ id, resumed: true })
    expect(BigInt(second.welcome.generation)).toBeGreaterThan(BigInt(generation))
    const third = await gateway.edge({ resume: second.welcome.resume })
    expect(third.welcome).toMatchObject({ id, resumed: true })
  })

  it('are not kept with a token of another id, or a forged one', async () => {
    await using gateway = await testGateway()
    const [one, other] = [await gateway.edge(), await gateway.edge()]
    expect((await (await gateway.knockingEdge({ id: one.id, resume: other.welcome.resume })).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
    expect((await (await gateway.knockingEdge({ id: one.id, resume: 'A'.repeat(78) })).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
    expect((await gateway.edge({ id: 5n, resume: other.welcome.resume })).welcome).toMatchObject({ id: 5n, resumed: false })
    expect(one.isEnded || other.isEnded).toBe(false)
  })

  it('have a generation above the token, which another gateway with the same key may have given', async () => {
    const exchange = { resume_key: 'sixteen characters' }
    await using one = await testGateway({ exchange })
    await using other = await testGateway({ exchange })
    const { id, resume, generation } = (await one.edge()).welcome
    const moved = await other.edge({ id, resume })
    expect(moved.welcome.resumed).toBe(true)
    expect(BigInt(moved.welcome.generation)).toBeGreaterThan(BigInt(generation))
    await using stranger = await testGateway()
    expect((await stranger.edge({ id, resume })).welcome.resumed).toBe(false)
  })

  it('are refused with allocation off', async () => {
    await using gateway = await testGateway({ edgebound: { edgeid_alloc_when_no_idservice_on: false } })
    for (const hello of [{}, { id: 5n }]) {
      expect((await (await gateway.knockingEdge(hello)).goodbye()).code).toBe('SERVICE_NOT_ONLINE')
    }
  })

  it('are allotted until the first id service has come, with until_seen', async () => {
    await using gateway = await testGateway({ edgebound: { edgeid_alloc_when_no_idservice_on: 'until_seen' } })
    await gateway.edge()
    const service = await gateway.service()
    service.register('get_edge_id')
    await service.frame(0x11)
    service.pipe.destroy()
    const late = await gateway.knockingEdge()
    // Whether or not the gateway has heard of the service's end by now: nobody else gives ids.
    expect((await late.goodbye()).code).toBe('SERVICE_NOT_ONLINE')
  })
})

describe('edge ids with an id service', () => {
  it('are what it says, and it sees all that there is to know', async () => {
    await using gateway = await testGateway({}, { authenticate: () => ({ subject: 'CN=e', san: ['DNS:e'] }) })
    const service = await idService(gateway)
    service.on('get_edge_id', () => idBytes(2n ** 64n - 2n))
    const edge = await gateway.edge({ id: 9n, meta: 'north', labels: { a: 'b' } })
    expect(edge.id).toBe(2n ** 64n - 2n)
    const call = await service.call('get_edge_id')
    expect(utf8(call.meta)).toBe('north')
    expect(jsonOf(call)).toEqual({ address: expect.stringContaining('memory:'), wantedId: '9', labels: { a: 'b' }, identity: { subject: 'CN=e', san: ['DNS:e'] } })
    const plain = await gateway.edge()
    expect(plain.id).toBe(2n ** 64n - 2n)
    expect(Object.keys(jsonOf(await service.call('get_edge_id', 2)))).not.toContain('wantedId')
  })

  it('take a live id over: the service said so', async () => {
    await using gateway = await testGateway()
    const service = await idService(gateway)
    service.on('get_edge_id', () => idBytes(1n))
    const first = await gateway.edge()
    const second = await gateway.edge()
    expect([first.id, second.id]).toEqual([1n, 1n])
    expect((await first.goodbye()).code).toBe('REPLACED')
  })

  it('are refused with its error, code and text', async () => {
    await using gateway = await testGateway()
    const service = await idService(gateway)
    service.on('get_edge_id', () => {
      throw new FrontierError('PERMISSION_DENIED', 'not you')
    })
    expect(await (await gateway.knockingEdge()).goodbye()).toEqual({ code: 'PERMISSION_DENIED', reason: 'not you' })
    expect(gateway.frontier.counters().refused).toEqual({ PERMISSION_DENIED: 1 })
  })

  it.each([
    ['7 bytes', new Uint8Array(7).fill(1)],
    ['9 bytes', new Uint8Array(9).fill(1)],
    ['none', new Uint8Array(0)],
    ['id 0', new Uint8Array(8)],
    ['text', toBytes('1234')],
  ])('are refused when the answer is no id: %s', async (_what, answer) => {
    await using gateway = await testGateway()
    const service = await idService(gateway)
    service.on('get_edge_id', () => answer)
    expect((await (await gateway.knockingEdge()).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
  })

  it('are refused when it does not answer in time', async () => {
    await using gateway = await testGateway({}, { hookTimeoutMs: 50 })
    await idService(gateway)
    expect((await (await gateway.knockingEdge()).goodbye()).code).toBe('TIMEOUT')
  })

  it('are asked of the next service when one goes before it answers, and allotted when none is left', async () => {
    await using gateway = await testGateway()
    const services = [await idService(gateway), await idService(gateway)]
    const edge = await gateway.knockingEdge()
    const asked = await Promise.race(services.map(async (service) => service.call('get_edge_id').then(() => service)))
    const other = services.find((service) => service !== asked)!
    asked.pipe.destroy()
    other.answer(await other.call('get_edge_id'), idBytes(3n))
    expect((await edge.welcomed()).id).toBe(3n)
    const late = await gateway.knockingEdge()
    await other.call('get_edge_id', 2)
    other.pipe.destroy()
    expect((await late.welcomed()).id >> 32n).not.toBe(0n)
  })

  it('are not given to an edge that left meanwhile', async () => {
    await using gateway = await testGateway()
    const service = await idService(gateway)
    const edge = await gateway.knockingEdge()
    const call = await service.call('get_edge_id')
    edge.pipe.destroy()
    await eventually(() => gateway.frontier.counters().refused['EOF'] === 1)
    service.answer(call, idBytes(3n))
    service.on('get_edge_id', () => idBytes(4n))
    await gateway.edge()
    expect(gateway.frontier.registry.edgeCount).toBe(1)
  })
})
