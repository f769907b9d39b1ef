// Guarantee 4: a publish to an offline edge fails alone; a message handler that throws fails that message only.
import { connectEdge } from '@frontier/edge'
import { connectService } from '@frontier/service'
import { isFrontierError } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../support/code-of.js'
import { loopbackGateway } from '../support/loopback-gateway.js'

const OFFLINE_EDGE = 4_000_000_000n

describe('a publish that fails', () => {
  it('to an offline edge fails alone: the next thousand succeed', async () => {
    await using gateway = await loopbackGateway()
    await using service = await connectService(gateway.serviceAddress, { name: 'publisher' })
    const received: string[] = []
    await using edge = await connectEdge(gateway.edgeAddress, { onMessage: (message) => void received.push(message.text()) })

    // In line with the others, not before them.
    const publishes = [service.publish(edge.id, 'first'), service.publish(OFFLINE_EDGE, 'lost')]
    for (let i = 0; i < 1000; i++) publishes.push(service.publish(edge.id, String(i)))
    const results = await Promise.all(publishes.map(codeOf))

    expect(results.filter((code) => code !== 'done')).toEqual(['EDGE_NOT_ONLINE'])
    expect(results[1]).toBe('EDGE_NOT_ONLINE')
    expect(received).toEqual(['first', ...Array.from({ length: 1000 }, (_, i) => String(i))])
  })

  it('to an edge that just went fails at once, and so does each of a hundred, while others get theirs', async () => {
    await using gateway = await loopbackGateway()
    await using service = await connectService(gateway.serviceAddress)
    await using alive = await connectEdge(gateway.edgeAddress, { onMessage: () => undefined })
    const gone = await connectEdge(gateway.edgeAddress, { onMessage: () => undefined })
    await gone.close()
    await expect.poll(() => gateway.frontier.exchange.edges.size).toBe(1)
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) => codeOf(service.publish(i % 2 === 0 ? gone.id : alive.id, new Uint8Array(i * 1000)))),
    )
    expect(results).toEqual(Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'EDGE_NOT_ONLINE' : 'done')))
  })

  it('because the handler throws fails that message only, at an edge', async () => {
    await using gateway = await loopbackGateway()
    await using service = await connectService(gateway.serviceAddress)
    const edge = await connectEdge(gateway.edgeAddress, {
      onMessage: async (message) => {
        const n = Number(message.text())
        if (n % 10 === 3) throw new Error(`no ${n}`)
        if (n % 10 === 7) await Promise.reject(new Error(`never ${n}`))
      },
    })
    const results = await Promise.allSettled(Array.from({ length: 1000 }, (_, i) => service.publish(edge.id, String(i))))
    const failed = results.flatMap((result, i) => (result.status === 'rejected' ? [`${i} ${codeOfReason(result.reason)}`] : []))
    expect(failed).toEqual(
      Array.from({ length: 1000 }, (_, i) => i)
        .filter((i) => i % 10 === 3 || i % 10 === 7)
        .map((i) => `${i} REMOTE_ERROR: ${i % 10 === 3 ? 'no' : 'never'} ${i}`),
    )
    expect(edge.state).toBe('online')
    await edge.close()
  })

  it('because the handler throws fails that message only, at a service', async () => {
    await using gateway = await loopbackGateway()
    await using service = await connectService(gateway.serviceAddress, {
      topics: ['t'],
      onMessage: (message) => {
        if (message.text() === 'bad') throw new Error('bad')
      },
    })
    await using edge = await connectEdge(gateway.edgeAddress)
    const results = await Promise.all(Array.from({ length: 1000 }, (_, i) => codeOf(edge.publish('t', i === 500 ? 'bad' : 'good'))))
    expect(results.flatMap((code, i) => (code === 'done' ? [] : [`${i} ${code}`]))).toEqual(['500 REMOTE_ERROR'])
    expect(service.state).toBe('online')
  })

  it('because nobody receives the topic fails alone', async () => {
    await using gateway = await loopbackGateway()
    await using _service = await connectService(gateway.serviceAddress, { topics: ['t'], onMessage: () => undefined })
    await using edge = await connectEdge(gateway.edgeAddress)
    const results = await Promise.all(Array.from({ length: 1001 }, (_, i) => codeOf(edge.publish(i === 0 ? 'nobody' : 't', 'x'))))
    expect(results[0]).toBe('TOPIC_NOT_ONLINE')
    expect(new Set(results.slice(1))).toEqual(new Set(['done']))
  })
})

function codeOfReason(reason: unknown): string {
  return isFrontierError(reason) ? `${reason.code}: ${reason.reason}` : String(reason)
}
