import type { BrokerSession, IncomingMessage, OutgoingMessage, SessionEvents } from '@frontier/mq'
import type { FrontierError } from '@frontier/wire'
import { redisDriver, type RedisBridgeOptions } from '@frontier/mq-redis'
import { Redis } from 'ioredis'
import { vi } from 'vitest'

/** How a message ended. */
export type Outcome = 'done' | { refused: FrontierError } | { lost: FrontierError }

/** A message for `target`. */
export function outgoing(target: string, fields: Partial<Omit<OutgoingMessage, 'data'>> & { data?: string | Uint8Array } = {}): OutgoingMessage {
  const { data = 'x', ...others } = fields
  return { target, key: '', partition: undefined, headers: {}, id: String(Math.random()), ...others, data: typeof data === 'string' ? Buffer.from(data) : data }
}

/** Sends messages; resolves when all are settled. */
export function sendAll(session: BrokerSession, messages: readonly OutgoingMessage[]): Promise<Outcome[]> {
  return Promise.all(
    messages.map(
      (message) =>
        new Promise<Outcome>((resolve) => {
          const settle = { done: () => resolve('done'), refuse: (refused: FrontierError) => resolve({ refused }), lost: (lost: FrontierError) => resolve({ lost }) }
          batch.push({ ...message, ...settle })
          if (batch.length === messages.length) session.send(batch.splice(0))
        }),
    ),
  )
}
const batch: Parameters<BrokerSession['send']>[0][number][] = []

export async function send(session: BrokerSession, message: OutgoingMessage): Promise<Outcome> {
  return (await sendAll(session, [message]))[0]!
}

/** A session, what it told, and an end to it. */
export interface OpenSession extends AsyncDisposable {
  readonly session: BrokerSession
  readonly lost: FrontierError[]
  readonly troubles: FrontierError[]
  check(message: OutgoingMessage): FrontierError | undefined
}

export async function open(options: RedisBridgeOptions, signal: AbortSignal = new AbortController().signal): Promise<OpenSession> {
  const driver = redisDriver(options)
  const [lost, troubles]: FrontierError[][] = [[], []]
  const events: SessionEvents = { onLost: (error) => void lost!.push(error), onTrouble: (error) => void troubles!.push(error), onRecovered: () => undefined }
  const session = await driver.open(events, signal)
  return { session, lost: lost!, troubles: troubles!, check: (message) => driver.check(message), [Symbol.asyncDispose]: () => session.close(0) }
}

/** A client of one's own. */
export async function client(url: string): Promise<Redis> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: null })
  redis.on('error', () => undefined)
  await redis.connect()
  return redis
}

/** Collects what a session consumes, unsettled. */
export function inbox(): { messages: IncomingMessage[]; onMessage: (message: IncomingMessage) => void; texts: () => string[] } {
  const messages: IncomingMessage[] = []
  return { messages, onMessage: (message) => void messages.push(message), texts: () => messages.map(({ data }) => Buffer.from(data).toString()) }
}

export function until(check: () => void | Promise<void>, timeout = 15_000): Promise<void> {
  return vi.waitFor(check, { timeout, interval: 10 })
}
