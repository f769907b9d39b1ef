// What operators do to edges of the SDK, over the control plane.
import { FrontierError } from '@frontier/edge'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { eventually } from '../support/eventually.js'
import { startGateway, type TestGateway } from '../support/test-gateway.js'

let gateway: TestGateway
let url: string
beforeAll(async () => {
  gateway = await startGateway({ controlplane: { enable: true, listen: { addr: '127.0.0.1:0' }, max_body_bytes: 16_777_216 } })
  url = gateway.frontier.addresses.controlplane!.replace('tcp:', 'http:')
})
afterAll(() => gateway[Symbol.asyncDispose]())

interface Answer {
  status: number
  json: Record<string, unknown>
}

async function ask(method: string, path: string, body?: object): Promise<Answer> {
  const answer = await fetch(url + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> }
}

describe('CallEdge', () => {
  it.each([0, 1, 32_768, 65_536, 1_000_000, 5_000_000])('carries %i bytes there and back', async (size) => {
    const edge = await gateway.edge({ methods: { echo: ({ data, meta }) => ({ data, meta }) } })
    const data = Buffer.alloc(size, 7).toString('base64')
    const { json } = await ask('POST', `/v2/edges/${edge.id}/call`, { method: 'echo', data, meta: 'AQI=' })
    expect(json['meta']).toBe('AQI=')
    expect(json['data'] === data).toBe(true)
  })

  it('tells what the handler threw', async () => {
    const methods = {
      typed: () => Promise.reject(new FrontierError('PERMISSION_DENIED', 'not you')),
      plain: () => Promise.reject(new Error('broken')),
    }
    const edge = await gateway.edge({ methods })
    const call = (method: string): Promise<Answer> => ask('POST', `/v2/edges/${edge.id}/call`, { method })
    expect(await call('typed')).toMatchObject({ status: 403, json: { reason: 'PERMISSION_DENIED', message: 'not you', metadata: { origin: 'peer' } } })
    expect(await call('plain')).toMatchObject({ status: 502, json: { reason: 'REMOTE_ERROR', message: 'broken' } })
    expect(await call('missing')).toMatchObject({ status: 404, json: { reason: 'RPC_NOT_ONLINE' } })
  })

  it('stops the handler when its time is up', async () => {
    let aborted = false
    const edge = await gateway.edge({
      methods: { slow: ({ signal }) => new Promise(() => signal.addEventListener('abort', () => (aborted = true))) },
    })
    expect(await ask('POST', `/v2/edges/${edge.id}/call`, { method: 'slow', timeout: '0.3s' })).toMatchObject({ status: 504, json: { reason: 'TIMEOUT' } })
    await eventually('the abort', () => aborted)
  })
})

describe('PublishEdge', () => {
  it('answers when the edge is done with it', async () => {
    const got: string[] = []
    const edge = await gateway.edge({
      onMessage: (message) => {
        got.push(`${message.topic} ${message.text()}`)
        if (message.text() === 'bad') throw new FrontierError('INVALID_ARGUMENT', 'no')
      },
    })
    expect(await ask('POST', `/v2/edges/${edge.id}/publish`, { topic: 'news', text: 'good' })).toEqual({ status: 200, json: {} })
    expect(await ask('POST', `/v2/edges/${edge.id}/publish`, { text: 'bad' })).toMatchObject({ status: 400, json: { reason: 'INVALID_ARGUMENT', message: 'no' } })
    expect(await ask('POST', `/v2/edges/${edge.id}/publish`, { text: 'x'.repeat(100_000), at_most_once: true })).toEqual({ status: 200, json: {} })
    await eventually('three messages', () => got.length === 3)
    expect(got.slice(0, 2)).toEqual(['news good', ' bad'])
    expect(got[2]).toHaveLength(100_001)
  })
})

describe('kicks and bans', () => {
  it('a kicked edge comes back, a banned one does not', async () => {
    const edge = await gateway.edge({ id: 77n, reconnect: { initialDelayMs: 1, maxDelayMs: 10 } })
    const seen: string[] = []
    edge.onStatus(({ type }) => seen.push(type))
    expect((await ask('DELETE', '/v2/edges/77?reason=tea')).status).toBe(200)
    await eventually('the reconnect', () => seen.includes('online'))
    expect(await ask('PUT', '/v2/bans/77', { reason: 'stolen', duration: '60s' })).toMatchObject({ json: { was_online: true } })
    expect((await edge.closed).code).toBe('PERMISSION_DENIED')
    await expect(gateway.edge({ id: 77n })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    await ask('DELETE', '/v2/bans/77')
    expect((await gateway.edge({ id: 77n })).id).toBe(77n)
  })
})
