// sdk-api.md: CallOptions, Content, Reply, Request, Handler, HandlerResult; call of edge and service.
import { getEventListeners } from 'node:events'
import { FrontierError, json, type Handler, type Reply, type Request } from '@frontier/edge'
import { describe, expect, it } from 'vitest'
import { deferred } from '../support/deferred.js'
import { eventually, rejectionOf } from '../support/eventually.js'
import { payload } from '../support/payload.js'
import { startGateway } from '../support/test-gateway.js'
import { trio } from '../support/trio.js'

const never = (): Promise<void> => new Promise(() => undefined)

/** Calls `handler` in both directions: edge to service, then service to edge. */
async function bothWays(handler: Handler, check: (call: (data?: string | Uint8Array, meta?: string | Uint8Array) => Promise<Reply>, edgeId: bigint) => Promise<void>): Promise<void> {
  await using three = await trio({ edge: { methods: { m: handler } }, service: { methods: { m: handler } } })
  const { edge, service } = three
  await check((data, meta) => edge.call('m', data, { meta }), edge.id)
  await check((data, meta) => service.call(edge.id, 'm', data, { meta }), edge.id)
}

describe('what a handler is given', () => {
  it('has method, edgeId, data, meta, text, json', async () => {
    const requests: Request[] = []
    await bothWays(
      (request) => void requests.push(request),
      async (call, edgeId) => {
        await call(json({ a: ['ä', 1] }), 'mèta')
        const request = requests.pop()!
        expect(request).toMatchObject({ method: 'm', edgeId })
        expect(request.json<{ a: unknown[] }>()).toEqual({ a: ['ä', 1] })
        expect(request.text()).toBe('{"a":["ä",1]}')
        expect(request.data).toBeInstanceOf(Uint8Array)
        expect(new TextDecoder().decode(request.meta)).toBe('mèta')
        expect(() => (request.deadline instanceof Date ? request.deadline : undefined)).not.toThrow()
        expect(request.signal.aborted).toBe(false)
        await call()
        expect([...requests[0]!.data, ...requests[0]!.meta]).toEqual([])
        requests.length = 0
      },
    )
  })

  it('has bytes that nobody else sees or changes', async () => {
    const kept: Uint8Array[] = []
    await using three = await trio({ service: { methods: { keep: ({ data }) => void kept.push(data) } } })
    const sent = Array.from({ length: 200 }, (_, i) => payload(64 + ((i * 97) % 3000), i + 1))
    await Promise.all(sent.map((data) => three.edge.call('keep', data)))
    // Much more passes through the same sockets afterwards.
    await Promise.all(sent.map((data) => three.edge.call('keep', data.map((byte) => byte ^ 0xff))))
    expect(kept.slice(0, 200).map((data) => Buffer.from(data).toString('hex'))).toEqual(sent.map((data) => Buffer.from(data).toString('hex')))
    for (const data of kept) expect(data.buffer.byteLength).toBeLessThan(2 * data.length + 64)
  })
})

describe('what a handler returns', () => {
  const bytes = new Uint8Array([0, 255, 128])
  const results: [string, Awaited<ReturnType<Handler>>, number[], string][] = [
    ['a string', 'ä', [0xc3, 0xa4], ''],
    ['bytes', bytes, [0, 255, 128], ''],
    ['a Buffer', Buffer.from('b'), [98], ''],
    ['nothing', undefined, [], ''],
    ['the empty string', '', [], ''],
    ['json', json([1]), [91, 49, 93], ''],
    ['data and meta', { data: 'd', meta: 'm' }, [100], 'm'],
    ['data alone', { data: bytes }, [0, 255, 128], ''],
    ['meta alone', { meta: 'm' }, [], 'm'],
    ['neither', {}, [], ''],
  ]
  it.each(results)('%s, at once or promised', async (_what, result, data, meta) => {
    for (const handler of [() => result, async () => result]) {
      await bothWays(handler, async (call) => {
        const reply = await call('x')
        expect([...reply.data]).toEqual(data)
        expect(new TextDecoder().decode(reply.meta)).toBe(meta)
        expect(reply.text()).toBe(new TextDecoder().decode(new Uint8Array(data)))
      })
    }
  })

  it('that is none of these is its own mistake: REMOTE_ERROR', async () => {
    for (const wrong of [5, true, { data: 5 }, { meta: [] }]) {
      const handler = (() => wrong) as unknown as Handler
      await bothWays(handler, async (call) => {
        expect(await rejectionOf(call())).toMatchObject({ code: 'REMOTE_ERROR', origin: 'peer', delivered: 'maybe' })
      })
    }
  })

  it('can be json for both', async () => {
    await bothWays(
      (request) => json({ double: request.json<{ n: number }>().n * 2 }),
      async (call) => expect((await call(json({ n: 4 }))).json<{ double: number }>()).toEqual({ double: 8 }),
    )
  })
})

describe('what a handler throws', () => {
  it('as a FrontierError keeps code and message', async () => {
    for (const code of ['RECORD_NOT_FOUND', 'PERMISSION_DENIED', 'RATE_LIMITED', 'TIMEOUT', 'EDGE_NOT_ONLINE', 'EOF'] as const) {
      const handler = (): never => {
        throw new FrontierError(code, 'no such room: ä', { cause: new Error('hidden') })
      }
      await bothWays(handler, async (call) => {
        const error = await rejectionOf(call())
        expect(error).toBeInstanceOf(FrontierError)
        expect(error).toMatchObject({ code, message: `${code}: no such room: ä`, origin: 'peer', delivered: 'maybe' })
        expect(error.cause).toBeUndefined()
      })
    }
  })

  it('keeps whether it can be tried again', async () => {
    const handler = async (): Promise<never> => {
      throw new FrontierError('RATE_LIMITED', 'never again', { retryable: false })
    }
    await bothWays(handler, async (call) => expect((await rejectionOf(call())).retryable).toBe(false))
  })

  it('otherwise arrives as REMOTE_ERROR with its message only', async () => {
    const thrown: [unknown, string][] = [
      [new TypeError('bad input'), 'bad input'],
      ['text', 'text'],
      [new Error(''), ''],
    ]
    for (const [value, message] of thrown) {
      for (const handler of [
        () => {
          throw value
        },
        async () => {
          throw value
        },
      ]) {
        await bothWays(handler, async (call) => {
          const error = await rejectionOf(call())
          expect(error).toMatchObject({ code: 'REMOTE_ERROR', message: `REMOTE_ERROR: ${message}`, origin: 'peer', delivered: 'maybe', retryable: false })
          expect(error.stack).not.toContain('TypeError')
        })
      }
    }
  })
})

describe('Request.signal and deadline', () => {
  it('aborts with CANCELLED when the caller cancels, and the caller does not wait', async () => {
    const requests: Request[] = []
    await using three = await trio({ service: { methods: { m: (request) => (requests.push(request), never()) } } })
    const cancel = new AbortController()
    const call = three.edge.call('m', '', { signal: cancel.signal })
    const request = await eventually('it is served', () => requests.at(-1))
    const { signal } = request
    cancel.abort(new Error('changed my mind'))
    expect(await rejectionOf(call)).toMatchObject({ code: 'CANCELLED', delivered: 'maybe', origin: 'local', cause: { message: 'changed my mind' } })
    await eventually('it aborts', () => signal.aborted)
    expect(signal.reason).toMatchObject({ code: 'CANCELLED' })
    expect(getEventListeners(cancel.signal, 'abort')).toHaveLength(0)
  })

  it('cancels from service to edge, too', async () => {
    const requests: Request[] = []
    await using three = await trio({ edge: { methods: { m: (request) => (requests.push(request), never()) } } })
    const cancel = new AbortController()
    const call = three.service.call(three.edge.id, 'm', '', { signal: cancel.signal })
    const { signal } = await eventually('it is served', () => requests[0])
    cancel.abort()
    expect((await rejectionOf(call)).code).toBe('CANCELLED')
    await eventually('it aborts', () => signal.aborted)
  })

  it('a signal that has aborted before sends nothing', async () => {
    let served = 0
    await using three = await trio({ service: { methods: { m: () => String(++served) } } })
    const error = await rejectionOf(three.edge.call('m', '', { signal: AbortSignal.abort() }))
    expect(error).toMatchObject({ code: 'CANCELLED', delivered: 'no' })
    await three.edge.call('m')
    expect(served).toBe(1)
  })

  it('aborts with TIMEOUT on the deadline, which is told as a Date', async () => {
    const requests: Request[] = []
    await using three = await trio({ service: { methods: { m: (request) => (requests.push(request), never()) } } })
    const began = Date.now()
    const call = three.edge.call('m', '', { timeoutMs: 150 })
    const request = await eventually('it is served', () => requests[0])
    const { signal } = request
    const leftMs = Number(request.deadline) - began
    expect(leftMs).toBeGreaterThan(80)
    expect(leftMs).toBeLessThan(1000)
    expect(await rejectionOf(call)).toMatchObject({ code: 'TIMEOUT', delivered: 'maybe' })
    await eventually('it aborts', () => signal.aborted)
    expect(signal.reason).toMatchObject({ code: 'TIMEOUT' })
  })

  it('aborts when the caller goes away, edge or service', async () => {
    const requests: Request[] = []
    const methods = { m: (request: Request) => (requests.push(request), never()) }
    await using gateway = await startGateway()
    const service = await gateway.service({ methods })
    const edge = await gateway.edge({ methods })
    const callers = [await gateway.edge(), await gateway.service()] as const
    const calls = [callers[0].call('m'), callers[1].call(edge.id, 'm')].map(rejectionOf)
    await eventually('both are served', () => requests.length === 2)
    const signals = requests.map(({ signal }) => signal)
    await Promise.all(callers.map((caller) => caller.close()))
    for (const error of await Promise.all(calls)) expect(['EOF', 'UNAVAILABLE']).toContain(error.code)
    await eventually('both abort', () => signals.every(({ aborted }) => aborted))
    for (const { reason } of signals) expect(reason).toBeInstanceOf(FrontierError)
    expect([service.state, edge.state]).toEqual(['online', 'online'])
  })

  it('does not abort when the answer is out', async () => {
    const requests: Request[] = []
    await using three = await trio({ service: { methods: { m: async (request) => (requests.push(request), 'x') } } })
    const cancel = new AbortController()
    await three.edge.call('m', '', { signal: cancel.signal, timeoutMs: 5000 })
    expect(getEventListeners(cancel.signal, 'abort')).toHaveLength(0)
    cancel.abort()
    await three.edge.call('m')
    expect(requests[0]!.signal.aborted).toBe(false)
  })

  it('one signal serves many calls with one listener, and none is left', async () => {
    const gate = deferred()
    await using three = await trio({ service: { methods: { hold: () => gate.promise } } })
    const { signal } = new AbortController()
    const calls = Array.from({ length: 50 }, () => three.edge.call('hold', '', { signal }))
    expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0)
    gate.resolve()
    await Promise.all(calls)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('arguments', () => {
  it('a buffer is the caller\'s again when the call settles, and as it was when it is made', async () => {
    await using three = await trio({ service: { methods: { echo: ({ data }) => data } } })
    for (const length of [10, 20_000, 2_000_000]) {
      const buffer = payload(length, length)
      const before = buffer.slice()
      const reply = await three.edge.call('echo', buffer)
      buffer.fill(0)
      expect(Buffer.compare(reply.data, before)).toBe(0)
      await three.edge.call('echo', buffer)
      expect(Buffer.compare(reply.data, before)).toBe(0)
    }
  })

  it('that are none are INVALID_ARGUMENT, delivered no', async () => {
    await using three = await trio()
    const { edge, service } = three
    const wrong = [
      edge.call('m', 5 as never),
      edge.call('m', '', { timeoutMs: 0 }),
      edge.call('m', '', { timeoutMs: Number.NaN }),
      edge.call('m', '', { meta: {} as never }),
      edge.call('m'.repeat(1025)),
      service.call(edge.id, 'm', {} as never),
    ]
    for (const error of await Promise.all(wrong.map(rejectionOf))) {
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', delivered: 'no', origin: 'local' })
    }
    for (const id of [0, -1, 2n ** 64n]) expect((await rejectionOf(service.call(id, 'm'))).delivered).toBe('no')
  })

  it('an edge id may be number or bigint, also above 2^63', async () => {
    await using gateway = await startGateway()
    const service = await gateway.service()
    const high = 2n ** 63n + 12_345n
    await gateway.edge({ id: high, methods: { m: ({ edgeId }) => String(edgeId) } })
    await gateway.edge({ id: 12_345, methods: { m: ({ edgeId }) => String(edgeId) } })
    expect((await service.call(high, 'm')).text()).toBe(String(high))
    expect((await service.call(12_345, 'm')).text()).toBe('12345')
    expect((await service.call(12_345n, 'm')).text()).toBe('12345')
  })

  it('an edge has one answer for each of many calls at once', async () => {
    await using three = await trio({ edge: { methods: { echo: ({ data }) => data } }, service: { methods: { echo: async ({ data }) => data } } })
    const { edge, service } = three
    const replies = await Promise.all(
      Array.from({ length: 500 }, async (_, i) => [(await edge.call('echo', `e${i}`)).text(), (await service.call(edge.id, 'echo', `s${i}`)).text()]),
    )
    expect(replies).toEqual(Array.from({ length: 500 }, (_, i) => [`e${i}`, `s${i}`]))
  })
})

describe('nobody there', () => {
  it('says who is missing', async () => {
    await using three = await trio()
    const { edge, service } = three
    expect(await rejectionOf(edge.call('none'))).toMatchObject({ code: 'RPC_NOT_ONLINE', origin: 'gateway', delivered: 'no', retryable: true })
    expect(await rejectionOf(service.call(999, 'none'))).toMatchObject({ code: 'EDGE_NOT_ONLINE', origin: 'gateway', delivered: 'no', retryable: true })
    expect(await rejectionOf(service.call(edge.id, 'none'))).toMatchObject({ code: 'RPC_NOT_ONLINE', delivered: 'no' })
  })

  it('hook names cannot be called', async () => {
    await using three = await trio({ service: { hooks: { getEdgeId: () => 4711, edgeOnline() {}, edgeOffline() {} } } })
    for (const name of ['get_edge_id', 'edge_online', 'edge_offline']) {
      const { code } = await rejectionOf(three.edge.call(name))
      expect(['RPC_NOT_ONLINE', 'INVALID_ARGUMENT', 'PERMISSION_DENIED']).toContain(code)
    }
  })
})
