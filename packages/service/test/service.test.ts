import { connectEdge } from '@frontier/edge'
import { createFrontier, type Frontier } from '@frontier/gateway'
import { describe, expect, it } from 'vitest'
import { connectService, FrontierError, type EdgeInfo, type NewEdge, type Service } from '../src/index.js'

let names = 0
const reconnect = { initialDelayMs: 1, maxDelayMs: 5 }

async function startGateway(): Promise<Frontier> {
  const name = `service-test-${String(++names)}`
  return createFrontier({
    edgebound: { listen: { network: 'memory', addr: `${name}-edge` } },
    servicebound: { listen: { network: 'memory', addr: `${name}-service` } },
  })
}

describe('connectService', () => {
  it('takes options that are undefined, refuses a method without a name, publishes without a topic', async () => {
    await using frontier = await startGateway()
    const unset = { name: undefined, topics: undefined, hooks: { getEdgeId: undefined, snapshot: undefined }, token: undefined }
    await using service = await connectService(frontier.addresses.servicebound, unset)
    await using edge = await connectEdge(frontier.addresses.edgebound, { onMessage: () => undefined })
    await expect(service.call(edge.id, '')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'local' })
    await service.publish(edge.id, 'x')
  })

  it('calls, publishes to and opens streams to an edge', async () => {
    await using frontier = await startGateway()
    await using service: Service = await connectService(frontier.addresses.servicebound, { name: 'control' })
    expect([service.name, service.state]).toEqual(['control', 'online'])
    const got: string[] = []
    await using edge = await connectEdge(frontier.addresses.edgebound, {
      id: 7,
      methods: { add: (request) => String(Number(request.text()) + 1) },
      onMessage: (message) => void got.push(`${message.topic}:${message.text()}`),
      onStream: (stream) => stream.sink(stream.source),
    })
    expect((await service.call(7, 'add', '41')).text()).toBe('42')
    expect((await service.call(7n, 'add', '1')).text()).toBe('2')
    await service.publish(edge.id, 'hello')
    await service.publish(edge.id, 'hello', { topic: 't' })
    expect(got).toEqual([':hello', 't:hello'])
    await using stream = await service.openStream(7)
    expect([stream.edgeId, stream.service]).toEqual([7n, 'control'])
    await stream.write('echo')
    await stream.closeWrite()
    let text = ''
    for await (const chunk of stream) text += new TextDecoder().decode(chunk)
    expect(text).toBe('echo')
  })

  it('rejects EDGE_NOT_ONLINE for an edge that is not there, ILLEGAL_EDGE_ID for what is no id', async () => {
    await using frontier = await startGateway()
    await using service = await connectService(frontier.addresses.servicebound)
    await expect(service.call(5, 'x')).rejects.toMatchObject({ code: 'EDGE_NOT_ONLINE', delivered: 'no', origin: 'gateway' })
    await expect(service.publish(5, 'x')).rejects.toMatchObject({ code: 'EDGE_NOT_ONLINE' })
    await expect(service.openStream(5)).rejects.toMatchObject({ code: 'EDGE_NOT_ONLINE' })
    await expect(service.call(0, 'x')).rejects.toMatchObject({ code: 'ILLEGAL_EDGE_ID' })
  })

  it('rejects INVALID_ARGUMENT for names and hooks that make no sense', async () => {
    const address = 'memory://nobody'
    for (const options of [{ name: 'x'.repeat(1025) }, { topics: [''] }, { topics: ['a', 'a'] }, { hooks: { edgeOnline: 5 as never } }]) {
      await expect(connectService(address, options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })

  it('gives ids, hears of edges that come and go, and refuses them', async () => {
    await using frontier = await startGateway()
    const told: string[] = []
    const edges: (NewEdge | EdgeInfo)[] = []
    await using service = await connectService(frontier.addresses.servicebound, {
      hooks: {
        getEdgeId: (edge) => {
          edges.push(edge)
          if (edge.meta.length === 0) throw new FrontierError('PERMISSION_DENIED', 'who are you')
          return 100 + edge.meta.length
        },
        edgeOnline: (edge) => {
          edges.push(edge)
          told.push(`online ${edge.edgeId}`)
          if (edge.labels['bad'] !== undefined) throw new Error('not this one')
        },
        edgeOffline: (edge) => void told.push(`offline ${edge.edgeId}`),
      },
    })
    const edge = await connectEdge(frontier.addresses.edgebound, { meta: 'four', labels: { site: 'a' } })
    expect(edge.id).toBe(104n)
    expect(edges[0]).toMatchObject({ labels: { site: 'a' }, address: expect.any(String) })
    expect(edges[1]).toMatchObject({ edgeId: 104n, generation: expect.any(Number), at: expect.any(Date) })
    expect(new TextDecoder().decode(edges[1]!.meta)).toBe('four')
    await edge.close()
    await expect.poll(() => told).toEqual(['online 104', 'offline 104'])
    await expect(connectEdge(frontier.addresses.edgebound, { reconnect: false })).rejects.toBeInstanceOf(FrontierError)
    await expect(connectEdge(frontier.addresses.edgebound, { meta: 'x', labels: { bad: '' }, reconnect: false })).rejects.toBeInstanceOf(FrontierError)
    expect(service.state).toBe('online')
  })

  it('takes hooks later, once each, and lets them go', async () => {
    await using frontier = await startGateway()
    await using service = await connectService(frontier.addresses.servicebound)
    const told: string[] = []
    const online = await service.onEdgeOnline((edge) => void told.push(`online ${edge.edgeId}`))
    const offline = await service.onEdgeOffline((edge) => void told.push(`offline ${edge.edgeId}`))
    const ids = await service.onGetEdgeId(() => 9)
    await expect(service.onEdgeOnline(() => undefined)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const edge = await connectEdge(frontier.addresses.edgebound)
    expect(edge.id).toBe(9n)
    await edge.close()
    await expect.poll(() => told).toEqual(['online 9', 'offline 9'])
    for (const each of [online, offline, ids]) each[Symbol.dispose]()
    await using again = await service.onEdgeOnline(() => undefined).then((hook) => ({ [Symbol.asyncDispose]: async () => hook[Symbol.dispose]() }))
    expect(again).toBeDefined()
  })

  it('is told who is online already when it asks for a snapshot', async () => {
    await using frontier = await startGateway()
    await using edge = await connectEdge(frontier.addresses.edgebound, { id: 3 })
    const told: bigint[] = []
    await using service = await connectService(frontier.addresses.servicebound, {
      reconnect,
      hooks: { snapshot: true, edgeOnline: (info) => void told.push(info.edgeId) },
    })
    await expect.poll(() => told).toEqual([3n])
    expect([edge.state, service.state]).toEqual(['online', 'online'])
  })
})
