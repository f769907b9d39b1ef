// sdk-api.md: FrontierError: code, retryable, delivered, origin, cause in each situation.
import { connectEdge, errorCodes, FrontierError, isFrontierError, json, type Stream } from '@frontier/edge'
import * as edgeSdk from '@frontier/edge'
import * as geminio from '@frontier/geminio'
import * as serviceSdk from '@frontier/service'
import { describe, expect, it } from 'vitest'
import { delayProxy } from '../support/delay-proxy.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { startGateway } from '../support/test-gateway.js'
import { trio } from '../support/trio.js'

const never = (): Promise<void> => new Promise(() => undefined)

describe('the class', () => {
  it('is one, whichever package it is imported from', () => {
    for (const sdk of [edgeSdk, serviceSdk, geminio]) {
      expect(sdk.FrontierError).toBe(FrontierError)
      expect(sdk.json).toBe(json)
      expect(sdk.errorCodes).toBe(errorCodes)
    }
  })

  it('is an Error whose message begins with the code', () => {
    const cause = new Error('why')
    const error = new FrontierError('RATE_LIMITED', 'slowly', { cause, delivered: 'maybe', origin: 'peer', retryable: false })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'FrontierError', code: 'RATE_LIMITED', message: 'RATE_LIMITED: slowly', cause, delivered: 'maybe', origin: 'peer', retryable: false })
    expect(new FrontierError('TIMEOUT', 'x')).toMatchObject({ retryable: true, delivered: 'no', origin: 'local' })
    expect(isFrontierError(error)).toBe(true)
    expect(isFrontierError(new Error('x'))).toBe(false)
  })

  it('has every code the specification names', () => {
    const named = ['UNAUTHENTICATED', 'PERMISSION_DENIED', 'ILLEGAL_EDGE_ID', 'PROTOCOL_ERROR', 'UNAVAILABLE', 'BUFFER_FULL', 'TIMEOUT', 'REMOTE_ERROR', 'STREAM_RESET', 'STREAM_REFUSED', 'INVALID_ARGUMENT', 'EOF', 'CANCELLED']
    for (const code of named) expect(Object.keys(errorCodes)).toContain(code)
    expect([json({ a: 1n }), json(undefined)]).toEqual(['{"a":"1"}', 'null'])
  })
})

describe('where it comes from, whether it was delivered, whether to try again', () => {
  it('local: what this side finds', async () => {
    await using three = await trio({ edge: { maxPayloadBytes: 100, maxInFlight: 1 }, service: { methods: { never } } })
    const { edge } = three
    expect(await rejectionOf(edge.call('m', new Uint8Array(101)))).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', origin: 'local', delivered: 'no', retryable: false })
    expect(await rejectionOf(edge.call('m', '', { timeoutMs: -1 }))).toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'local', delivered: 'no', retryable: false })
    const sent = rejectionOf(edge.call('never', '', { timeoutMs: 150 }))
    const waits = rejectionOf(edge.call('never', '', { timeoutMs: 50 }))
    expect(await rejectionOf(edge.call('never'))).toMatchObject({ code: 'BUFFER_FULL', origin: 'local', delivered: 'no', retryable: true })
    expect(await waits).toMatchObject({ code: 'TIMEOUT', origin: 'local', delivered: 'no', retryable: true })
    expect(await sent).toMatchObject({ code: 'TIMEOUT', delivered: 'maybe', retryable: true })
    const cancel = new AbortController()
    const call = rejectionOf(edge.call('never', '', { signal: cancel.signal }))
    cancel.abort('why')
    expect(await call).toMatchObject({ code: 'CANCELLED', origin: 'local', delivered: 'maybe', retryable: false, cause: 'why' })
    await edge.close()
    expect(await rejectionOf(edge.call('m'))).toMatchObject({ code: 'UNAVAILABLE', origin: 'local', delivered: 'no' })
  })

  it('gateway: what the gateway says', async () => {
    await using gateway = await startGateway()
    const service = await gateway.service()
    const edge = await gateway.edge({ methods: { never } })
    const from = { origin: 'gateway', delivered: 'no' }
    expect(await rejectionOf(edge.call('m'))).toMatchObject({ code: 'RPC_NOT_ONLINE', retryable: true, ...from })
    expect(await rejectionOf(edge.publish('t', 'x'))).toMatchObject({ code: 'TOPIC_NOT_ONLINE', retryable: true, ...from })
    expect(await rejectionOf(edge.openStream('s'))).toMatchObject({ code: 'SERVICE_NOT_ONLINE', retryable: true, ...from })
    expect(await rejectionOf(service.call(99, 'm'))).toMatchObject({ code: 'EDGE_NOT_ONLINE', retryable: true, ...from })
    expect(await rejectionOf(connectEdge(gateway.edges, { id: edge.id }))).toMatchObject({ code: 'ILLEGAL_EDGE_ID', retryable: false, ...from })
    const lost = rejectionOf(service.call(edge.id, 'never'))
    await eventually('it is under way', () => gateway.frontier.exchange.pendingCount === 1)
    await edge.close()
    expect(await lost).toMatchObject({ code: 'EOF', origin: 'gateway', delivered: 'maybe', retryable: true })
  })

  it('gateway: BUFFER_FULL when the receiver has its limit, DRAINING when it goes', async () => {
    await using gateway = await startGateway({ edgebound: { limits: { max_requests_to: 8 } } })
    const service = await gateway.service()
    const edge = await gateway.edge({ methods: { never } })
    const calls = Array.from({ length: 20 }, () => service.call(edge.id, 'never', '', { timeoutMs: 300 }))
    const errors = await Promise.all(calls.map(rejectionOf))
    const full = errors.find(({ code }) => code === 'BUFFER_FULL')
    expect(full).toMatchObject({ origin: 'gateway', delivered: 'no', retryable: true })
    expect(errors.filter(({ code }) => code === 'TIMEOUT').length).toBeGreaterThan(0)
  })

  it('peer: what the other side says', async () => {
    await using three = await trio({
      service: {
        name: 's',
        methods: {
          throws: () => {
            throw new Error('boom')
          },
          coded: () => {
            throw new FrontierError('RATE_LIMITED', 'slowly')
          },
        },
      },
      edge: {},
    })
    const { edge, service } = three
    const from = { origin: 'peer', delivered: 'maybe' }
    expect(await rejectionOf(edge.call('throws'))).toMatchObject({ code: 'REMOTE_ERROR', retryable: false, ...from })
    expect(await rejectionOf(edge.call('coded'))).toMatchObject({ code: 'RATE_LIMITED', retryable: true, ...from })
    // The edge itself says that it serves no such method: it has surely not run.
    expect(await rejectionOf(service.call(edge.id, 'none'))).toMatchObject({ code: 'RPC_NOT_ONLINE', delivered: 'no', retryable: true })
    expect(await rejectionOf(edge.openStream('s'))).toMatchObject({ code: 'STREAM_REFUSED', origin: 'peer', delivered: 'no', retryable: false })
    let far: Stream | undefined
    service.onStream((stream) => void (far = stream))
    const near = await edge.openStream('s')
    ;(await eventually('it is taken', () => far)).reset(new Error('enough'))
    await near.closed
    expect(await rejectionOf(near.write('x'))).toMatchObject({ code: 'STREAM_RESET', origin: 'peer', retryable: false })
  })

  it('a peer cannot pass for the gateway', async () => {
    await using three = await trio({
      service: {
        methods: {
          liar: () => {
            throw new FrontierError('EOF', 'not delivered, honestly', { origin: 'gateway', delivered: 'no' })
          },
        },
      },
    })
    expect(await rejectionOf(three.edge.call('liar'))).toMatchObject({ code: 'EOF', origin: 'peer', delivered: 'maybe' })
  })

  it('a link that went: EOF delivered maybe when sent, its cause says why; UNAVAILABLE delivered no when not', async () => {
    await using gateway = await startGateway()
    await using proxy = await delayProxy(gateway.edges, 0)
    let served = 0
    await gateway.service({ methods: { never: () => (served++, never()) } })
    const edge = await gateway.edge({ reconnect: { initialDelayMs: 60_000, maxDelayMs: 60_000 } }, proxy.address)
    const sent = rejectionOf(edge.call('never'))
    await eventually('it is served', () => served === 1)
    proxy.cut('reset')
    expect(await sent).toMatchObject({ code: 'EOF', origin: 'local', delivered: 'maybe', retryable: true, cause: expect.any(FrontierError) })
    expect(await rejectionOf(edge.call('never', '', { timeoutMs: 30 }))).toMatchObject({ code: 'UNAVAILABLE', delivered: 'no', retryable: true })
  })
})
