import { errorCodes, FrontierError, type Edge, type FrontierErrorCode, type Handler, type Message, type Request } from '@frontier/edge'
import type { Service } from '@frontier/service'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { delayProxy } from '../support/delay-proxy.js'
import { eventually, realTurn, rejectionOf } from '../support/eventually.js'
import { payload } from '../support/payload.js'
import { startGateway, type TestGateway } from '../support/test-gateway.js'

// Guarantee 8: a call with a deadline of minutes is not cut at 30 s; a cancel reaches the handler's signal; reply meta and error codes survive both hops.

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** A handler that answers when the test says so. */
class Held {
  readonly requests: Request[] = []
  readonly #answers: ((text: string) => void)[] = []
  readonly handler: Handler = (request) => {
    this.requests.push(request)
    return new Promise<string>((resolve) => this.#answers.push(resolve))
  }

  async arrived(count = 1): Promise<Request> {
    return eventually('the call arrives', () => this.requests[count - 1])
  }

  answer(text: string): void {
    for (const answer of this.#answers.splice(0)) answer(text)
  }
}

interface Ends {
  gateway: TestGateway
  edge: Edge
  service: Service
  /** What either side calls of the other. */
  held: Held
}

async function startEnds(handlers: Record<string, Handler> = {}): Promise<Ends> {
  const gateway = await startGateway()
  const held = new Held()
  const methods = { held: held.handler, ...handlers }
  const service = await gateway.service({ name: 'clock', topics: ['clock'], methods })
  const edge = await gateway.edge({ methods })
  return { gateway, edge, service, held }
}

type Caller = (ends: Ends, method: string, options?: { timeoutMs?: number; signal?: AbortSignal; meta?: string }) => Promise<{ text(): string }>

const callers: Record<string, Caller> = {
  'an edge that calls a service': ({ edge }, method, options) => edge.call(method, '', options),
  'a service that calls an edge': ({ service, edge }, method, options) => service.call(edge.id, method, '', options),
}

describe('with a clock of our own', () => {
  let ends: Ends

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] })
    ends = await startEnds()
  })
  afterEach(async () => {
    ends.held.answer('')
    await ends.gateway[Symbol.asyncDispose]()
    // The timers that the whole process shares stop by themselves: they must not be left on this clock.
    await pass(5 * SECOND)
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  /** Lets `durationMs` pass, in steps short enough for pings to be answered. The sockets are real, so each step leaves them time. */
  async function pass(durationMs: number): Promise<void> {
    for (let left = durationMs; left > 0; left -= 5 * SECOND) {
      await vi.advanceTimersByTimeAsync(Math.min(left, 5 * SECOND))
      for (let turn = 0; turn < 4; turn++) await realTurn()
    }
  }

  /** Whether `promise` is still open. */
  function watch(promise: Promise<unknown>): () => boolean {
    let isOpen = true
    const settled = (): void => void (isOpen = false)
    promise.then(settled, settled)
    return () => isOpen
  }

  describe.each(Object.entries(callers))('%s', (_, call) => {
    test.each([
      ['5 minutes', 5 * MINUTE],
      ['an hour', 60 * MINUTE],
      ['40 days', 40 * DAY],
    ])('and gives it %s, waits that long; the receiver knows how long', async (_time, timeoutMs) => {
      const reply = call(ends, 'held', { timeoutMs })
      const isOpen = watch(reply)
      const request = await ends.held.arrived()
      // Each hop may round up by a tick, none may cut.
      const leftMs = request.deadline!.getTime() - Date.now()
      expect(leftMs).toBeGreaterThan(timeoutMs - 2 * SECOND)
      expect(leftMs).toBeLessThanOrEqual(timeoutMs + 50)
      await pass(4 * MINUTE)
      expect(isOpen()).toBe(true)
      expect(request.signal.aborted).toBe(false)
      ends.held.answer('at last')
      expect((await reply).text()).toBe('at last')
      expect([ends.edge.state, ends.service.state]).toEqual(['online', 'online'])
    })

    test.each([Infinity, 60 * DAY])('and sets it no limit that the wire can say (%d), waits all the same', async (timeoutMs) => {
      const reply = call(ends, 'held', { timeoutMs })
      const request = await ends.held.arrived()
      expect(request.deadline).toBeUndefined()
      await pass(4 * MINUTE)
      ends.held.answer('at last')
      expect((await reply).text()).toBe('at last')
    })

    test('gives up at its deadline, not before, and the handler is told', async () => {
      const reply = call(ends, 'held', { timeoutMs: 2 * MINUTE })
      const isOpen = watch(reply)
      const { signal } = await ends.held.arrived()
      await pass(119 * SECOND)
      expect(isOpen()).toBe(true)
      expect(signal.aborted).toBe(false)
      await pass(2 * SECOND)
      expect(await rejectionOf(reply)).toMatchObject({ code: 'TIMEOUT', delivered: 'maybe' })
      await eventually('the handler is told', () => signal.aborted)
      expect(signal.reason).toMatchObject({ code: 'TIMEOUT' })
      await pass(2 * SECOND)
      expect(ends.gateway.frontier.exchange.pendingCount).toBe(0)
    })

    test('waits 30 s when nothing was said', async () => {
      const reply = call(ends, 'held')
      const isOpen = watch(reply)
      await ends.held.arrived()
      await pass(29 * SECOND)
      expect(isOpen()).toBe(true)
      await pass(2 * SECOND)
      expect(await rejectionOf(reply)).toMatchObject({ code: 'TIMEOUT' })
    })
  })

  test('messages and openings of streams have their minutes, too', async () => {
    const { gateway, edge, service } = ends
    const messages: Message[] = []
    let accept: (() => void) | undefined
    const slow = await gateway.service({ name: 'slow', topics: ['slow'] })
    const edgeMessages = edge.messages()[Symbol.asyncIterator]()
    const serviceMessages = slow.messages()[Symbol.asyncIterator]()
    slow.onStream(() => undefined, { accept: () => new Promise<void>((resolve) => (accept = resolve)) })
    const all = Promise.all([
      edge.publish('slow', '1', { timeoutMs: 5 * MINUTE }),
      service.publish(edge.id, '2', { timeoutMs: 5 * MINUTE }),
      edge.openStream('slow', { timeoutMs: 5 * MINUTE }),
    ])
    for (const iterator of [edgeMessages, serviceMessages]) {
      const { value } = await iterator.next()
      messages.push(value as Message)
    }
    await eventually('the stream waits', () => accept !== undefined)
    const isOpen = watch(all)
    await pass(4 * MINUTE)
    expect(isOpen()).toBe(true)
    for (const message of messages) message.done()
    accept!()
    await all
  })
})

describe('cancelling', () => {
  let ends: Ends

  beforeEach(async () => {
    ends = await startEnds()
  })
  afterEach(async () => {
    ends.held.answer('')
    await ends.gateway[Symbol.asyncDispose]()
  })

  describe.each(Object.entries(callers))('%s', (_, call) => {
    test('reaches the signal of the handler, with the reason of the caller kept by the caller', async () => {
      const controller = new AbortController()
      const reply = call(ends, 'held', { signal: controller.signal, timeoutMs: Infinity })
      const { signal } = await ends.held.arrived()
      expect(signal.aborted).toBe(false)
      const why = new Error('no longer needed')
      controller.abort(why)
      expect(await rejectionOf(reply)).toMatchObject({ code: 'CANCELLED', delivered: 'maybe', cause: why })
      await eventually('the handler is told', () => signal.aborted)
      expect(signal.reason).toMatchObject({ code: 'CANCELLED' })
      await eventually('the gateway has forgotten it', () => ends.gateway.frontier.exchange.pendingCount === 0)
      // Too late, and harmless.
      ends.held.answer('nobody hears it')
      const next = call(ends, 'held')
      await ends.held.arrived(2)
      ends.held.answer('but this')
      expect((await next).text()).toBe('but this')
    })

    test('one of many touches no other', async () => {
      const controllers = Array.from({ length: 50 }, () => new AbortController())
      const replies = controllers.map(({ signal }) => call(ends, 'held', { signal }))
      await ends.held.arrived(50)
      controllers[17]!.abort()
      expect(await rejectionOf(replies[17]!)).toMatchObject({ code: 'CANCELLED' })
      await eventually('one handler is told', () => ends.held.requests.some(({ signal }) => signal.aborted))
      expect(ends.held.requests.filter(({ signal }) => signal.aborted)).toHaveLength(1)
      ends.held.answer('yes')
      const others = await Promise.all(replies.filter((_reply, index) => index !== 17))
      expect(others.map((reply) => reply.text())).toEqual(others.map(() => 'yes'))
    })

    test('before it was called costs nothing', async () => {
      const error = await rejectionOf(call(ends, 'held', { signal: AbortSignal.abort() }))
      expect(error).toMatchObject({ code: 'CANCELLED', delivered: 'no' })
      expect(ends.gateway.frontier.exchange.counters.calls).toBe(0)
    })
  })

  test('a payload on its way stops travelling', async () => {
    const { gateway, held } = ends
    await using far = await delayProxy(gateway.edges, 20)
    const edge = await gateway.edge({}, far.address)
    const controller = new AbortController()
    const reply = edge.call('held', payload(16_000_000), { signal: controller.signal })
    await eventually('it is on its way', () => far.forwardedBytes.toTarget > 300_000)
    controller.abort()
    expect(await rejectionOf(reply)).toMatchObject({ code: 'CANCELLED', delivered: 'no' })
    await eventually('the gateway has forgotten it', () => gateway.frontier.exchange.pendingCount === 0)
    const next = edge.call('held')
    const { data } = await held.arrived()
    expect(data.length).toBe(0)
    expect(far.forwardedBytes.toTarget).toBeLessThan(8_000_000)
    held.answer('next')
    expect((await next).text()).toBe('next')
  })

  test.each(['close', 'abort', 'cut'])('a caller that goes away (%s) cancels what it asked for', async (how) => {
    const { gateway, service, held } = ends
    await using proxy = await delayProxy(gateway.edges, 0)
    const edge = await gateway.edge({ reconnect: false, methods: { held: held.handler } }, proxy.address)
    const reply = rejectionOf(edge.call('held'))
    const { signal } = await held.arrived()
    // And it fails what it was asked.
    const asked = rejectionOf(service.call(edge.id, 'held'))
    const atEdge = await held.arrived(2)
    if (how === 'close') await edge.close()
    else if (how === 'abort') edge.abort()
    else proxy.cut('reset')
    expect((await reply).delivered).toBe('maybe')
    expect(await asked).toMatchObject({ code: 'EOF', delivered: 'maybe' })
    await eventually('both handlers are told', () => signal.aborted && atEdge.signal.aborted)
    await eventually('the gateway has forgotten it', () => gateway.frontier.exchange.pendingCount === 0)
  })
})

describe('what comes back', () => {
  let ends: Ends
  const codes = Object.keys(errorCodes) as FrontierErrorCode[]

  beforeAll(async () => {
    ends = await startEnds({
      meta: ({ data, meta }) => ({ data: meta, meta: data }),
      fail: ({ meta }) => {
        const { code, retryable } = JSON.parse(new TextDecoder().decode(meta)) as { code: FrontierErrorCode; retryable: boolean }
        throw new FrontierError(code, `said ${code}: für jetzt`, { retryable })
      },
      throwPlain: () => {
        throw new TypeError('a plain mistake', { cause: new Error('the secret cause') })
      },
      rejectPlain: () => Promise.reject(new RangeError('a later mistake')),
      talk: () => {
        throw new FrontierError('PERMISSION_DENIED', 'ä'.repeat(10_000))
      },
    })
  })
  afterAll(() => ends.gateway[Symbol.asyncDispose]())

  describe.each(Object.entries(callers))('to %s', (_, call) => {
    test.each(codes)('%s with its code, its text, and whether trying again can help', async (code) => {
      for (const retryable of [true, false]) {
        const error = await rejectionOf(call(ends, 'fail', { meta: JSON.stringify({ code, retryable }) }))
        expect(error).toBeInstanceOf(FrontierError)
        expect(error).toMatchObject({ code, retryable, delivered: 'maybe', origin: 'peer' })
        expect(error.message).toContain(`said ${code}: für jetzt`)
      }
    })

    test('anything else that is thrown, with its message and nothing more', async () => {
      const plain = await rejectionOf(call(ends, 'throwPlain'))
      expect(plain).toMatchObject({ code: 'REMOTE_ERROR', origin: 'peer', delivered: 'maybe' })
      expect(plain.message).toContain('a plain mistake')
      expect(JSON.stringify(plain) + String(plain.cause)).not.toContain('secret')
      expect((await rejectionOf(call(ends, 'rejectPlain'))).message).toContain('a later mistake')
    })

    test('a long text, cut between two characters', async () => {
      const { code, message } = await rejectionOf(call(ends, 'talk'))
      expect(code).toBe('PERMISSION_DENIED')
      expect(message).toMatch(/^PERMISSION_DENIED: ä{2000,2048}$/)
    })
  })

  test('meta goes there and back, of the request and of the reply', async () => {
    const { edge, service } = ends
    const [data, meta] = [payload(40_000, 1), payload(50_000, 2)]
    for (const reply of [await edge.call('meta', data, { meta }), await service.call(edge.id, 'meta', data, { meta })]) {
      expect(Buffer.compare(reply.data, meta)).toBe(0)
      expect(Buffer.compare(reply.meta, data)).toBe(0)
    }
  })

  test('from a message that failed, to who published it', async () => {
    const { edge, service } = ends
    const fail = (message: Message): void => {
      const code = message.text() as FrontierErrorCode | ''
      if (code !== '') throw new FrontierError(code, `said ${code}`)
      message.fail('not like this')
    }
    using _a = service.onMessage(fail)
    using _b = edge.onMessage(fail)
    for (const code of codes) {
      const expected = { code, origin: 'peer', delivered: 'maybe' }
      expect(await rejectionOf(edge.publish('clock', code))).toMatchObject(expected)
      expect(await rejectionOf(service.publish(edge.id, code))).toMatchObject(expected)
    }
    const { code, message } = await rejectionOf(edge.publish('clock', ''))
    expect([code, message]).toEqual(['REMOTE_ERROR', 'REMOTE_ERROR: not like this'])
  })

  test('from calls on a stream', async () => {
    const { edge, service } = ends
    using _ = service.onStream(async (stream) => {
      await stream.register('fail', ({ meta }) => {
        throw new FrontierError(new TextDecoder().decode(meta) as FrontierErrorCode, 'on a stream')
      })
    })
    await using stream = await edge.openStream('clock')
    for (const code of codes) {
      expect(await rejectionOf(stream.call('fail', '', { meta: code }))).toMatchObject({ code, origin: 'peer', delivered: 'maybe' })
    }
  })
})
