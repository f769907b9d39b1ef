import { FrontierError, toFrontierError } from '@frontier/wire'
import type { Stream, StreamHandler, StreamHandlerOptions, StreamInfo } from './stream.js'
import { Wait } from './wait.js'

/** Accepted streams that wait for `streams()` to be iterated; what comes beyond is refused with BUFFER_FULL. All that one received chunk can bring. */
const MAX_WAITING_STREAMS = 2048

interface Consumer {
  accept(info: StreamInfo): void | Promise<void>
  /** Throws when another stream would be one too many. */
  assertRoom(): void
  take(stream: Stream): void
}

type Next = IteratorResult<Stream, undefined>

/** Who takes the streams that the other side opens: one consumer at a time, a handler or an iteration. */
export class StreamAcceptance {
  #consumer: Consumer | undefined = undefined
  readonly #iterations = new Set<StreamIteration>()
  #isOver = false

  /**
   * Resolves when a stream may be taken.
   * @throws STREAM_REFUSED without a consumer, what the accept hook threw (any other error as STREAM_REFUSED)
   */
  async admit(info: StreamInfo): Promise<void> {
    if (this.#consumer === undefined) throw new FrontierError('STREAM_REFUSED', 'nobody takes streams here')
    try {
      await this.#consumer.accept(info)
    } catch (thrown) {
      throw toFrontierError(thrown, 'STREAM_REFUSED')
    }
  }

  /** Right before a stream is accepted: the consumer may have gone, or filled up, while the hook was asked. @throws STREAM_REFUSED, BUFFER_FULL */
  assertRoom(): void {
    if (this.#consumer === undefined) throw new FrontierError('STREAM_REFUSED', 'nobody takes streams here')
    this.#consumer.assertRoom()
  }

  /** Hands an accepted stream to the consumer. */
  deliver(stream: Stream): void {
    if (this.#consumer === undefined) stream.reset(new Error('nobody takes streams any more'))
    else this.#consumer.take(stream)
  }

  /** @throws INVALID_ARGUMENT when there is a consumer already */
  onStream(handler: StreamHandler, options: StreamHandlerOptions = {}): Disposable {
    const { accept } = options
    return this.#consume({
      accept: (info) => accept?.(info),
      assertRoom: () => undefined,
      take: (stream) => void serve(handler, stream),
    })
  }

  /** @throws INVALID_ARGUMENT when there is a consumer already */
  streams(): AsyncIterable<Stream> {
    const iteration = new StreamIteration(() => {
      this.#iterations.delete(iteration)
      registration[Symbol.dispose]()
    })
    const registration = this.#consume(iteration)
    this.#iterations.add(iteration)
    if (this.#isOver) iteration.finish()
    return iteration
  }

  /** No stream will come any more: iterations end, those begun later, too. */
  end(): void {
    this.#isOver = true
    for (const iteration of [...this.#iterations]) iteration.finish()
  }

  #consume(consumer: Consumer): Disposable {
    if (this.#consumer !== undefined) {
      throw new FrontierError('INVALID_ARGUMENT', 'there is one consumer of streams already: one of streams() and onStream()')
    }
    this.#consumer = consumer
    return {
      [Symbol.dispose]: () => {
        if (this.#consumer === consumer) this.#consumer = undefined
      },
    }
  }
}

async function serve(handler: StreamHandler, stream: Stream): Promise<void> {
  try {
    await handler(stream)
  } catch (thrown) {
    stream.reset(thrown instanceof Error ? thrown : new Error(String(thrown)))
  }
}

/** Streams as an async iteration. Breaking out of it makes room for another consumer and resets what nobody took. */
class StreamIteration implements AsyncIterable<Stream>, AsyncIterator<Stream, undefined>, Consumer {
  readonly #release: () => void
  readonly #waiting: Stream[] = []
  readonly #readers: Wait<Next>[] = []
  #isFinished = false

  constructor(release: () => void) {
    this.#release = release
  }

  [Symbol.asyncIterator](): AsyncIterator<Stream, undefined> {
    return this
  }

  accept(): void {}

  assertRoom(): void {
    if (this.#waiting.length >= MAX_WAITING_STREAMS) throw new FrontierError('BUFFER_FULL', `${MAX_WAITING_STREAMS} streams wait to be taken`)
  }

  take(stream: Stream): void {
    const reader = this.#readers.shift()
    if (reader === undefined) this.#waiting.push(stream)
    else reader.resolve({ done: false, value: stream })
  }

  next(): Promise<Next> {
    const stream = this.#waiting.shift()
    if (stream !== undefined) return Promise.resolve({ done: false, value: stream })
    if (this.#isFinished) return Promise.resolve({ done: true, value: undefined })
    const reader = new Wait<Next>()
    this.#readers.push(reader)
    return reader.promise
  }

  return(): Promise<Next> {
    for (const stream of this.#waiting.splice(0)) stream.reset(new Error('nobody takes streams any more'))
    this.finish()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** What waits can still be taken, then the iteration is done. */
  finish(): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#release()
    for (const reader of this.#readers.splice(0)) reader.resolve({ done: true, value: undefined })
  }
}
