import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'

import { describe, expect, it } from 'vitest'

import type { Event } from '../src/gen/frontier/v1/admin_pb.js'
import { EventType, Role } from '../src/gen/frontier/v1/admin_pb.js'
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from '../src/gen/grpc/health/v1/health_pb.js'
import { createClient } from '@connectrpc/connect'
import { eventually } from './eventually.js'
import { clientsOf, protocolNames, testPlane, transportOf } from './test-plane.js'

const refusal = { type: 'refusal', code: 'TIMEOUT', reason: 'late' } as const

describe.each(protocolNames)('watching over %s', (protocol) => {
  it('hears what it asked for, until it leaves', async () => {
    await using plane = await testPlane()
    const { admin } = clientsOf(protocol, plane.url)
    const abort = new AbortController()
    const seen: Event[] = []
    const watching = (async () => {
      for await (const event of admin.watchEvents({ types: [EventType.REFUSAL], role: Role.EDGE, id: 2n ** 64n - 1n }, { signal: abort.signal })) seen.push(event)
    })().catch(() => undefined)
    await eventually(() => plane.backend.watching === 1, 'the watcher')
    plane.backend.emit({ id: 1n }, refusal)
    plane.backend.emit({ id: 2n ** 64n - 1n, role: 'service' }, refusal)
    plane.backend.emit({ id: 2n ** 64n - 1n }, { type: 'kick', reason: '' })
    plane.backend.emit({ id: 2n ** 64n - 1n }, refusal)
    await eventually(() => seen.length === 1, 'the event')
    expect(seen[0]).toMatchObject({ seq: 4n, id: 2n ** 64n - 1n, code: 'TIMEOUT', reason: 'late', type: EventType.REFUSAL })
    abort.abort()
    await watching
    await eventually(() => plane.backend.watching === 0, 'the end of the watcher')
  })

  it('hears that the gateway drains', async () => {
    await using plane = await testPlane()
    const health = createClient(Health, transportOf(protocol, plane.url))
    const seen: ServingStatus[] = []
    const abort = new AbortController()
    const watching = (async () => {
      for await (const { status } of health.watch({ service: 'frontier.v1.Admin' }, { signal: abort.signal })) {
        seen.push(status)
        if (seen.length === 1) plane.backend.drain(undefined)
        else abort.abort()
      }
    })().catch(() => undefined)
    await watching
    expect(seen).toEqual([ServingStatus.SERVING, ServingStatus.NOT_SERVING])
    expect(await health.check({})).toMatchObject({ status: ServingStatus.NOT_SERVING })
    await expect(health.check({ service: 'nobody' })).rejects.toMatchObject({ code: 5 })
  })
})

describe('server-sent events', () => {
  it('are one line of JSON each', async () => {
    await using plane = await testPlane()
    const abort = new AbortController()
    const answer = await fetch(`${plane.url}/v2/events?types=refusal&types=EVENT_TYPE_KICK`, { signal: abort.signal })
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    plane.backend.emit({ id: 5n }, { type: 'kick', reason: 'two\nlines' })
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('data:')) text += (await reader.read()).value ?? ''
    const data = JSON.parse(/data: (.*)\n\n/.exec(text)![1]!) as Record<string, unknown>
    expect(data).toMatchObject({ id: '5', type: 'EVENT_TYPE_KICK', role: 'ROLE_EDGE', reason: 'two\nlines' })
    abort.abort()
    await reader.closed.catch(() => undefined)
    await eventually(() => plane.backend.watching === 0, 'the end of the watcher')
  })

  it('end when the control plane closes', async () => {
    const plane = await testPlane()
    const answer = await fetch(`${plane.url}/v2/events`)
    await plane[Symbol.asyncDispose]()
    expect(await answer.text()).toContain(': watching')
  })
})

describe('watchers that do not read', () => {
  it('are ended when they are too far behind, and hold nobody up', async () => {
    await using plane = await testPlane()
    const session = connectHttp2(plane.url)
    const slow = session.request({ ':method': 'GET', ':path': '/v2/events' })
    slow.on('error', () => undefined)
    const raw: Socket = connect(plane.port, '127.0.0.1', () => raw.write('GET /v2/events HTTP/1.1\r\nHost: x\r\n\r\n'))
    raw.pause().on('error', () => undefined)
    const { admin } = clientsOf('grpc', plane.url)
    const abort = new AbortController()
    let heard = 0
    const watching = (async () => {
      for await (const _ of admin.watchEvents({}, { signal: abort.signal })) heard++
    })().catch(() => undefined)
    await eventually(() => plane.backend.watching === 3, 'the watchers')
    const reason = 'x'.repeat(1000)
    const memory = process.memoryUsage.rss()
    let sent = 0
    // Until both slow ones have had enough: a socket's own buffers take a few megabytes.
    while (plane.backend.watching > 1) {
      for (let count = 0; count < 500; count++) plane.backend.emit({ id: 1n }, { ...refusal, reason })
      sent += 500
      await eventually(() => heard === sent, 'the quick watcher')
      if (sent > 60_000) break
    }
    expect(plane.backend.watching).toBe(1)
    expect(process.memoryUsage.rss() - memory).toBeLessThan(200 * 2 ** 20)
    let text = ''
    slow.setEncoding('utf8').on('data', (chunk: string) => (text = (text + chunk).slice(-2000)))
    await eventually(() => text.includes('event: error'), 'the end of the slow one')
    expect(text).toMatch(/event: error\ndata: {"code":429,"reason":"BUFFER_FULL"/)
    abort.abort()
    await watching
    raw.destroy()
    session.destroy()
  })

  it('may be many, up to a limit', async () => {
    await using plane = await testPlane()
    const session = connectHttp2(plane.url)
    const sessions = [session, ...Array.from({ length: 4 }, () => connectHttp2(plane.url))]
    const streams = sessions.flatMap((one) => Array.from({ length: 205 }, () => one.request({ ':method': 'GET', ':path': '/v2/events' })))
    const statuses: number[] = []
    for (const stream of streams) {
      stream.on('error', () => undefined).on('response', (headers) => statuses.push(headers[':status']!)).resume()
    }
    await eventually(() => statuses.length === streams.length, 'all answers')
    expect(statuses.filter((status) => status === 200)).toHaveLength(1024)
    expect(statuses.filter((status) => status === 429)).toHaveLength(1)
    for (const one of sessions) one.destroy()
    await eventually(() => plane.backend.watching === 0, 'the end of all watchers')
  })
})
