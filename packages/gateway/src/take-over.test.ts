import { connect, type Socket } from 'node:net'
import { encodeFrame, FrameType, FrontierError, toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { eventually, jsonOf, RawPeer } from '../test/raw-peer.js'
import { testGateway } from '../test/test-gateway.js'

const idBytes = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 9)

describe('take-over', () => {
  it('closes the old link with REPLACED, and calls in flight on it fail so', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service()
    const first = await gateway.edge({ id: 9n, methods: ['slow'] })
    const answer = service.request('slow', 9n)
    await first.call('slow')
    const second = await gateway.edge({ id: 9n, resume: first.welcome.resume })
    expect(second.welcome.resumed).toBe(true)
    expect(await first.goodbye()).toMatchObject({ code: 'REPLACED' })
    expect((await answer).key).toBe('REPLACED')
    expect(gateway.frontier.registry.edgeCount).toBe(1)
  })

  it('is granted at once when the old link is half open', async () => {
    await using gateway = await testGateway({ network: 'tcp' })
    const { hostname, port } = new URL(gateway.frontier.addresses.edgebound.replace('tcp:', 'http:'))
    // Reads nothing, answers nothing, and never closes: what a crashed machine looks like.
    const socket = await new Promise<Socket>((resolve) => {
      const dialled = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () => {
        resolve(dialled)
      })
    })
    socket.write(encodeFrame({ type: FrameType.HELLO, id: 1, peer: 9n, data: toBytes('{"role":"edge"}') }))
    socket.on('error', () => undefined)
    await eventually(() => gateway.frontier.registry.edgeCount === 1)
    const service = await gateway.service({ methods: ['get_edge_id'] })
    service.on('get_edge_id', () => idBytes)
    const began = performance.now()
    expect((await gateway.edge()).id).toBe(9n)
    expect(performance.now() - began).toBeLessThan(900)
    socket.destroy()
  })

  it('is granted to the same credential, and to no other', async () => {
    await using gateway = await testGateway({}, { authenticate: ({ token }) => (token === undefined ? undefined : { subject: token }) })
    const first = await gateway.edge({ id: 9n, token: 'anna' })
    expect((await (await gateway.knockingEdge({ id: 9n, token: 'bert' })).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
    expect((await (await gateway.knockingEdge({ id: 9n })).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
    // Anna's token in Bert's hands.
    const { resume } = first.welcome
    expect((await (await gateway.knockingEdge({ id: 9n, token: 'bert', resume })).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
    expect(first.isEnded).toBe(false)
    await gateway.edge({ id: 9n, token: 'anna' })
    expect((await first.goodbye()).code).toBe('REPLACED')
    const nobody = await gateway.edge({ id: 10n })
    expect((await (await gateway.knockingEdge({ id: 10n })).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
    expect(nobody.isEnded).toBe(false)
  })

  it('closes the old link before the newcomer is asked for, and says offline before online', async () => {
    await using gateway = await testGateway()
    const first = await gateway.edge({ id: 9n })
    const service = await gateway.service({ methods: ['edge_online', 'edge_offline'], snapshot: true })
    service.answer(await service.call('edge_online'))
    const second = await gateway.knockingEdge({ id: 9n, resume: first.welcome.resume })
    expect((await first.goodbye()).code).toBe('REPLACED')
    const offline = await service.call('edge_offline')
    expect(service.calls.map((call) => call.key)).toEqual(['edge_online', 'edge_offline'])
    service.answer(offline)
    const online = await service.call('edge_online', 2)
    expect(BigInt(jsonOf(online).generation)).toBeGreaterThan(BigInt(jsonOf(offline).generation))
    service.answer(online)
    await second.welcomed()
  })

  it('of one that is still being let in: it goes, and is told offline, before the newcomer is online', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: ['get_edge_id', 'edge_online', 'edge_offline'] })
    service.on('get_edge_id', () => idBytes)
    const first = await gateway.knockingEdge()
    const online = await service.call('edge_online')
    const second = await gateway.knockingEdge()
    expect((await first.goodbye()).code).toBe('REPLACED')
    service.answer(online)
    service.answer(await service.call('edge_offline'))
    service.answer(await service.call('edge_online', 2))
    await second.welcomed()
    expect(service.calls.map((call) => call.key).filter((key) => key !== 'get_edge_id')).toEqual(['edge_online', 'edge_offline', 'edge_online'])
    expect(first.frames.some((frame) => frame.type === FrameType.WELCOME)).toBe(false)
  })

  it('is refused to a stranger also while the first is still being let in', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: ['edge_online'] })
    const first = await gateway.knockingEdge({ id: 9n })
    const online = await service.call('edge_online')
    expect((await (await gateway.knockingEdge({ id: 9n })).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
    service.answer(online)
    expect((await first.welcomed()).id).toBe(9n)
  })

  it('leaves exactly one of many that come at the same moment, and its generations only grow', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: ['get_edge_id', 'edge_online', 'edge_offline'] })
    service.on('get_edge_id', () => idBytes)
    service.on('edge_online', () => undefined)
    service.on('edge_offline', () => undefined)
    const edges = await Promise.all(Array.from({ length: 20 }, () => gateway.knockingEdge()))
    await eventually(() => edges.filter((edge) => edge.isEnded).length === 19 && gateway.frontier.registry.edgeCount === 1)
    await eventually(() => gateway.frontier.counters().refused['REPLACED'] !== undefined || service.calls.filter((call) => call.key === 'edge_offline').length === 19)
    const told = service.calls.filter((call) => call.key !== 'get_edge_id')
    let isOnline = false
    let last = 0n
    for (const call of told) {
      const generation = BigInt(jsonOf(call).generation)
      if (call.key === 'edge_online') {
        expect(isOnline).toBe(false)
        expect(generation).toBeGreaterThan(last)
      } else expect(generation).toBe(last)
      isOnline = call.key === 'edge_online'
      last = generation
    }
    expect(isOnline).toBe(true)
  })

  it('frees the id when the one that was being let in is refused', async () => {
    await using gateway = await testGateway()
    const service = await gateway.service({ methods: ['edge_online'] })
    const first = await gateway.knockingEdge({ id: 9n })
    service.fail(await service.call('edge_online'), new FrontierError('REMOTE_ERROR', 'no'))
    expect((await first.goodbye()).code).toBe('REMOTE_ERROR')
    service.on('edge_online', () => undefined)
    expect((await gateway.edge({ id: 9n })).id).toBe(9n)
  })
})

describe('service ids', () => {
  it('are allotted, or granted as wanted when free', async () => {
    await using gateway = await testGateway()
    const [one, other] = [await gateway.service(), await gateway.service({ id: 4n })]
    expect(one.id).not.toBe(0n)
    expect(other.id).toBe(4n)
    // Edges have ids of their own.
    expect((await gateway.edge({ id: 4n })).id).toBe(4n)
  })

  it('are taken over with a resume token only', async () => {
    await using gateway = await testGateway({}, { authenticate: () => ({ subject: 'all services' }) })
    const first = await gateway.service({ id: 4n, name: 'a' })
    expect((await (await gateway.knockingService({ id: 4n })).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
    const second = await gateway.service({ id: 4n, name: 'a', resume: first.welcome.resume })
    expect(second.welcome.resumed).toBe(true)
    expect((await first.goodbye()).code).toBe('REPLACED')
    expect(gateway.frontier.registry.serviceCount).toBe(1)
    // An edge's token is none for a service.
    const edge = await gateway.edge({ id: 4n })
    expect((await (await gateway.knockingService({ id: 4n, resume: edge.welcome.resume })).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
  })
})

describe('RawPeer of the tests', () => {
  it('rejects when it is refused', async () => {
    await using gateway = await testGateway()
    await expect(RawPeer.connect(gateway.frontier.addresses.edgebound, { role: 'x' })).rejects.toThrow('PROTOCOL_ERROR')
  })
})
