import { FrontierError } from '@frontier/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BatchLimits, BrokerSession, OutgoingMessage, PendingMessage, ResendPolicy } from './broker-driver.js'
import { OutboxEntry } from './outbox-entry.js'
import { answerByOf, Outbox } from './outbox.js'

class TestSession implements BrokerSession {
  readonly batches: (readonly PendingMessage[])[] = []

  get sent(): string[] {
    return this.batches.map((batch) => batch.map(idOf).join(' '))
  }

  send(batch: readonly PendingMessage[]): void {
    this.batches.push(batch)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  settle(at: number, how: (message: PendingMessage) => void = (message) => message.done()): void {
    this.batches[at]!.forEach(how)
  }
}

/** Without the number that the outbox's ids have behind them. */
function idOf({ id }: PendingMessage): string {
  return id.slice(0, -1)
}

const gone = new FrontierError('BRIDGE_UNAVAILABLE', 'gone')

function message(id: string, bytes = 1): OutgoingMessage {
  return { target: 't', key: 'k', partition: undefined, headers: {}, data: new Uint8Array(bytes), id }
}

function setUp(options: { batch?: Partial<BatchLimits>; resend?: ResendPolicy; ackTimeoutMs?: number } = {}): { outbox: Outbox; session: TestSession; stalls: () => number } {
  let stalls = 0
  const outbox = new Outbox({
    batch: { maxMessages: 3, maxBytes: 10_000, maxBatches: 1, lingerMs: 0, ...options.batch },
    resend: options.resend ?? 'at-least-once',
    ackTimeoutMs: options.ackTimeoutMs ?? 30_000,
    onStalled: () => {
      stalls++
    },
  })
  return { outbox, session: new TestSession(), stalls: () => stalls }
}

/** Resolves when the broker has it. */
function add(outbox: Outbox, { target, key, partition, headers, data, id }: OutgoingMessage, { deadline = Infinity, isAbandoned = () => false }: { deadline?: number; isAbandoned?: () => boolean } = {}): Promise<void> {
  return new Promise((done, fail) => {
    const waiter = {
      get isAbandoned() {
        return isAbandoned()
      },
      done,
      fail,
    }
    outbox.add(new OutboxEntry(outbox, { target, key, partition, headers, data, idPrefix: id, number: 0, answerBy: answerByOf(deadline), waiter }))
  })
}

/** What came of it, as soon as something has. */
function outcome(promise: Promise<void>): { text: string } {
  const result = { text: 'waits' }
  promise.then(
    () => (result.text = 'done'),
    (error: unknown) => (result.text = `${(error as FrontierError).code} ${(error as FrontierError).delivered}`),
  )
  return result
}

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('Outbox', () => {
  it('sends what waits in order and in batches, so many at once', async () => {
    const { outbox, session } = setUp()
    const all = Array.from({ length: 7 }, (_, i) => outcome(add(outbox, message(String(i)))))
    outbox.attach(session)
    await vi.advanceTimersByTimeAsync(1)
    expect(session.sent).toEqual(['0 1 2'])
    session.settle(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(session.sent).toEqual(['0 1 2', '3 4 5'])
    session.settle(1, (each) => (idOf(each) === '4' ? each.refuse(new FrontierError('PAYLOAD_TOO_LARGE', 'x')) : each.done()))
    await vi.advanceTimersByTimeAsync(1)
    session.settle(2)
    await vi.advanceTimersByTimeAsync(1)
    expect(all.map(({ text }) => text)).toEqual(['done', 'done', 'done', 'done', 'PAYLOAD_TOO_LARGE no', 'done', 'done'])
    expect(outbox.size).toBe(0)
  })

  it('keeps batches within bytes, and sends what is longer by itself', async () => {
    const { outbox, session } = setUp({ batch: { maxBytes: 1000, maxBatches: 9 } })
    outbox.attach(session)
    const all = [400, 400, 5000, 10].map((bytes, i) => add(outbox, message(String(i), bytes)))
    await vi.advanceTimersByTimeAsync(1)
    expect(session.sent).toEqual(['0', '1', '2', '3'])
    for (const at of all.keys()) session.settle(at)
    await Promise.all(all)
  })

  it('lets messages wait for company, but not above a full batch', async () => {
    const { outbox, session } = setUp({ batch: { lingerMs: 20, maxBatches: 2 } })
    outbox.attach(session)
    const all = [add(outbox, message('a'))]
    await vi.advanceTimersByTimeAsync(19)
    expect(session.sent).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(session.sent).toEqual(['a'])
    all.push(...['b', 'c', 'd'].map((id) => add(outbox, message(id))))
    await vi.advanceTimersByTimeAsync(0)
    expect(session.sent).toEqual(['a', 'b c d'])
    session.settle(0)
    session.settle(1)
    await Promise.all(all)
  })

  it('sends what was lost with a session again, first, and in order', async () => {
    const { outbox, session } = setUp({ batch: { maxBatches: 2 } })
    outbox.attach(session)
    const all = Array.from({ length: 8 }, (_, i) => add(outbox, message(String(i))))
    await vi.advanceTimersByTimeAsync(1)
    expect(session.sent).toEqual(['0 1 2', '3 4 5'])
    session.batches[0]![1]!.done()
    outbox.detach(gone)
    const next = new TestSession()
    outbox.attach(next)
    await vi.advanceTimersByTimeAsync(1)
    expect(next.sent).toEqual(['0 2 3', '4 5 6'])
    // The first session is not asked any more, but what it knows is true.
    session.batches[0]![0]!.done()
    session.batches[0]![2]!.refuse(gone)
    next.settle(0)
    next.settle(1)
    await vi.advanceTimersByTimeAsync(1)
    next.settle(2)
    await Promise.all(all)
  })

  it('tells the edge when what was lost may not be sent again', async () => {
    const { outbox, session } = setUp({ resend: 'never' })
    outbox.attach(session)
    const sent = outcome(add(outbox, message('a')))
    await vi.advanceTimersByTimeAsync(1)
    const waits = add(outbox, message('b'))
    outbox.detach(gone)
    const next = new TestSession()
    outbox.attach(next)
    await vi.advanceTimersByTimeAsync(1)
    expect([sent.text, next.sent]).toEqual(['BRIDGE_UNAVAILABLE maybe', ['b']])
    next.settle(0)
    await waits
  })

  it('answers shortly before the edge gives up, and says whether the broker may have it', async () => {
    const { outbox, session } = setUp()
    const deadline = performance.now() + 2000
    const waits = outcome(add(outbox, message('a'), { deadline }))
    await vi.advanceTimersByTimeAsync(1600)
    expect(waits.text).toBe('waits')
    await vi.advanceTimersByTimeAsync(250)
    expect(waits.text).toBe('BRIDGE_UNAVAILABLE no')
    outbox.attach(session)
    const sent = outcome(add(outbox, message('b'), { deadline: performance.now() + 2000 }))
    await vi.advanceTimersByTimeAsync(1900)
    expect([session.sent, sent.text]).toEqual([['b'], 'BRIDGE_UNAVAILABLE maybe'])
    // The batch is still the session's: nothing overtakes it.
    const next = add(outbox, message('c'))
    await vi.advanceTimersByTimeAsync(1)
    expect(session.sent).toEqual(['b'])
    session.settle(0)
    await vi.advanceTimersByTimeAsync(1)
    session.settle(1)
    await next
  })

  it('does not send what nobody waits for any more', async () => {
    const { outbox, session } = setUp()
    let isAbandoned = false
    const given = outcome(add(outbox, message('a'), { isAbandoned: () => isAbandoned }))
    isAbandoned = true
    outbox.attach(session)
    await vi.advanceTimersByTimeAsync(1)
    expect([session.sent, given.text]).toEqual([[], 'BRIDGE_UNAVAILABLE no'])
  })

  it('keeps nothing of what it has answered, however long the broker is away', async () => {
    const { outbox, session } = setUp()
    const staying = add(outbox, message('a'))
    const refs: WeakRef<Uint8Array>[] = []
    for (let round = 0; round < 20; round++) {
      const some = message('b', 1000)
      refs.push(new WeakRef(some.data))
      const failed = outcome(add(outbox, some, { deadline: performance.now() + 100 }))
      await vi.advanceTimersByTimeAsync(200)
      expect(failed.text).toBe('BRIDGE_UNAVAILABLE no')
    }
    vi.useRealTimers()
    await vi.waitFor(() => {
      globalThis.gc!()
      expect(refs.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(3)
    })
    vi.useFakeTimers()
    outbox.attach(session)
    await vi.advanceTimersByTimeAsync(1)
    expect(session.sent).toEqual(['a'])
    session.settle(0)
    await staying
  })

  it('takes many out of the middle of what waits, and keeps the order of the others', async () => {
    const { outbox, session } = setUp({ batch: { maxMessages: 100 } })
    const all = Array.from({ length: 20 }, (_, i) => outcome(add(outbox, message(`${i}.`), i % 3 === 0 ? {} : { deadline: performance.now() + 100 })))
    await vi.advanceTimersByTimeAsync(200)
    outbox.attach(session)
    await vi.advanceTimersByTimeAsync(1)
    expect(session.sent).toEqual(['0. 3. 6. 9. 12. 15. 18.'])
    session.settle(0)
    expect(outbox.size).toBe(0)
    await vi.advanceTimersByTimeAsync(1)
    expect(all.map(({ text }) => text)).toEqual(all.map((_, i) => (i % 3 === 0 ? 'done' : 'BRIDGE_UNAVAILABLE no')))
  })

  it('notices a broker that does not answer', async () => {
    const { outbox, session, stalls } = setUp({ ackTimeoutMs: 1000 })
    outbox.attach(session)
    const sent = add(outbox, message('a'))
    await vi.advanceTimersByTimeAsync(900)
    expect(stalls()).toBe(0)
    await vi.advanceTimersByTimeAsync(300)
    expect(stalls()).toBeGreaterThan(0)
    session.settle(0)
    await sent
  })

  it('fails what waits and what comes while the broker does not let us in', async () => {
    const { outbox, session } = setUp()
    const before = outcome(add(outbox, message('a')))
    outbox.refuse(new FrontierError('BRIDGE_UNAVAILABLE', 'wrong password'))
    const after = outcome(add(outbox, message('b')))
    await vi.advanceTimersByTimeAsync(1)
    expect([before.text, after.text]).toEqual(['BRIDGE_UNAVAILABLE no', 'BRIDGE_UNAVAILABLE no'])
    outbox.attach(session)
    const again = add(outbox, message('c'))
    await vi.advanceTimersByTimeAsync(1)
    session.settle(0)
    await again
  })

  it('flushes: until nothing is left, or its time is up, or there is nothing to flush to', async () => {
    const { outbox, session } = setUp({ batch: { lingerMs: 10_000 } })
    const waits = outcome(add(outbox, message('a')))
    await outbox.flush(1000)
    outbox.attach(session)
    const flushed = vi.fn()
    void outbox.flush(1000).then(flushed)
    await vi.advanceTimersByTimeAsync(500)
    expect([session.sent, flushed.mock.calls.length]).toEqual([['a'], 0])
    session.settle(0)
    await vi.advanceTimersByTimeAsync(1)
    expect([flushed.mock.calls.length, waits.text]).toEqual([1, 'done'])
    const late = outcome(add(outbox, message('b')))
    void outbox.flush(1000).then(flushed)
    await vi.advanceTimersByTimeAsync(1001)
    expect(flushed).toHaveBeenCalledTimes(2)
    outbox.detach(gone)
    outbox.refuse(new FrontierError('BRIDGE_UNAVAILABLE', 'closed'))
    await vi.advanceTimersByTimeAsync(1)
    expect(late.text).toBe('BRIDGE_UNAVAILABLE maybe')
  })
})
