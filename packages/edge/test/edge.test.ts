import { describe, expect, it } from 'vitest'
import { connectEdge, FrontierError, json, type Edge, type Status } from '../src/index.js'
import { connectPlainService, startGateway } from './gateway.js'

describe('connectEdge', () => {
  it('takes options that are undefined, and refuses names that are empty', async () => {
    await using frontier = await startGateway()
    const token = undefined as string | undefined
    const meta = undefined as string | undefined
    await using edge = await connectEdge(frontier.addresses.edgebound, { id: undefined, labels: undefined, token, meta, reconnect: { factor: undefined } })
    expect(edge.state).toBe('online')
    await expect(edge.call('')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'local' })
    await expect(edge.publish('', 'x')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'local' })
  })

  it('calls services, with data and meta both ways', async () => {
    await using frontier = await startGateway()
    await using service = await connectPlainService(frontier, {
      methods: {
        sum: (request) => {
          expect(request.edgeId).toBe(7n)
          expect(request.method).toBe('sum')
          return { data: json({ sum: request.json<number[]>().reduce((a, b) => a + b, 0) }), meta: request.meta }
        },
        refuse: () => {
          throw new FrontierError('PERMISSION_DENIED', 'not you')
        },
        break: () => {
          throw new TypeError('oops')
        },
      },
    })
    await using edge: Edge = await connectEdge(frontier.addresses.edgebound, { id: 7 })
    expect([edge.id, edge.state, service.state]).toEqual([7n, 'online', 'online'])
    const reply = await edge.call('sum', json([1, 2, 3]), { meta: 'm' })
    expect(reply.json()).toEqual({ sum: 6 })
    expect(new TextDecoder().decode(reply.meta)).toBe('m')
    await expect(edge.call('refuse')).rejects.toMatchObject({ code: 'PERMISSION_DENIED', message: 'PERMISSION_DENIED: not you', origin: 'peer' })
    await expect(edge.call('break')).rejects.toMatchObject({ code: 'REMOTE_ERROR', message: 'REMOTE_ERROR: oops' })
    await expect(edge.call('nobody')).rejects.toMatchObject({ code: 'RPC_NOT_ONLINE', delivered: 'no' })
  })

  it('publishes, acknowledged or not', async () => {
    await using frontier = await startGateway()
    const got: string[] = []
    await using service = await connectPlainService(frontier, {
      topics: ['t'],
      onMessage: (message) => {
        if (message.text() === 'bad') throw new Error('no thanks')
        got.push(`${message.topic}:${message.text()}:${message.edgeId}`)
      },
    })
    await using edge = await connectEdge(frontier.addresses.edgebound, { id: 7 })
    await edge.publish('t', 'one')
    expect(got).toEqual(['t:one:7'])
    await edge.publish('t', 'two', { delivery: 'at-most-once' })
    await expect(edge.publish('t', 'bad')).rejects.toMatchObject({ code: 'REMOTE_ERROR' })
    expect(got).toEqual(['t:one:7', 't:two:7'])
    await expect(edge.publish('u', 'x')).rejects.toMatchObject({ code: 'TOPIC_NOT_ONLINE' })
    expect(service.state).toBe('online')
  })

  it('serves calls and messages of services', async () => {
    await using frontier = await startGateway()
    await using service = await connectPlainService(frontier)
    const got: string[] = []
    const options = { id: 7, methods: { who: (request: { edgeId: bigint }) => String(request.edgeId) } }
    await using edge = await connectEdge(frontier.addresses.edgebound, options)
    expect((await service.ask(7n, 'who')).text()).toBe('7')
    const registration = await edge.register('later', (request) => request.text().toUpperCase())
    expect((await service.ask(7n, 'later', 'abc')).text()).toBe('ABC')
    registration[Symbol.dispose]()
    await expect(service.ask(7n, 'later')).rejects.toMatchObject({ code: 'RPC_NOT_ONLINE' })
    edge.onMessage((message) => void got.push(`${message.edgeId}:${message.text()}`))
    await service.tell(7n, '', 'hello')
    expect(got).toEqual(['7:hello'])
  })

  it('opens streams to a service by name', async () => {
    await using frontier = await startGateway()
    await using service = await connectPlainService(frontier, { name: 'files', onStream: (stream) => stream.sink(stream.source) })
    await using edge = await connectEdge(frontier.addresses.edgebound)
    await using stream = await edge.openStream('files', { meta: 'path' })
    expect([stream.service, stream.edgeId]).toEqual(['files', edge.id])
    const big = new Uint8Array(1_000_000).fill(9)
    const writing = stream.write(big).then(() => stream.closeWrite())
    let total = 0
    for await (const chunk of stream) total += chunk.length
    await writing
    expect(total).toBe(big.length)
    expect(await stream.closed).toMatchObject({ code: 'CLOSED' })
    expect(stream.bytesAcked).toBe(big.length)
    await expect(edge.openStream('nowhere')).rejects.toMatchObject({ code: 'SERVICE_NOT_ONLINE' })
    await expect(edge.openStream('')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(service.state).toBe('online')
  })

  it('is refused an id that another edge holds', async () => {
    await using frontier = await startGateway()
    await using edge = await connectEdge(frontier.addresses.edgebound, { id: 7 })
    await expect(connectEdge(frontier.addresses.edgebound, { id: 7 })).rejects.toMatchObject({ code: 'ILLEGAL_EDGE_ID' })
    expect(edge.state).toBe('online')
  })

  it('comes back after a kick, as the same edge', async () => {
    await using frontier = await startGateway()
    const statuses: Status[] = []
    const reconnect = { initialDelayMs: 1, maxDelayMs: 5 }
    await using edge = await connectEdge(frontier.addresses.edgebound, { reconnect, onStatus: (status) => statuses.push(status) })
    const { id } = edge
    await frontier.registry.kickEdge(id)
    await expect.poll(() => statuses.filter(({ type }) => type === 'online').length).toBe(2)
    expect(statuses[1]).toMatchObject({ type: 'offline', error: { code: 'KICKED' } })
    expect(statuses.at(-1)).toEqual({ type: 'online', id, resumed: true })
  })

  it('moves to another gateway when its own drains', async () => {
    await using first = await startGateway()
    await using second = await startGateway()
    const addresses = [first.addresses.edgebound, second.addresses.edgebound]
    await using edge = await connectEdge(addresses, { reconnect: { initialDelayMs: 1, maxDelayMs: 5 } })
    const isFirst = (await first.registry.listEdges()).count === 1
    await (isFirst ? first : second).drain({ timeoutMs: 5000 })
    await expect.poll(() => edge.state).toBe('online')
    const { count } = await (isFirst ? second : first).registry.listEdges()
    expect(count).toBe(1)
  })

  it('drains within its dispose, and says so', async () => {
    await using frontier = await startGateway()
    const edge = await connectEdge(frontier.addresses.edgebound)
    await edge[Symbol.asyncDispose]()
    expect(await edge.closed).toEqual({ code: 'CLOSED', message: 'drained' })
    await expect.poll(async () => (await frontier.registry.listEdges()).count).toBe(0)
  })
})
