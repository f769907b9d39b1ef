// One connection of ioredis, which does not reconnect, queue or send anything again by itself: an XADD that was on its way when a connection went would be in the stream
// twice with nobody the wiser. Logging in is done here too: ioredis would print to the console where a server needs no password, and its clusters add
// connections, timers and resending of their own.
import { FrontierError } from '@frontier/wire'
import { Redis } from 'ioredis'
import { redisFault, wordOf } from './redis-errors.js'
import type { RedisAddress, RedisLogin, RedisSettings } from './redis-settings.js'

/** A connection that is ready for commands. */
export interface RedisConnection {
  readonly redis: Redis
  readonly address: RedisAddress
  /** host:port */
  readonly name: string
}

/** What a dial needs beside the settings. */
export interface DialOptions {
  readonly login: RedisLogin | undefined
  readonly db: number
  readonly signal: AbortSignal
}

/** Connects, logs in, and asks whether the server serves. Rejects with UNAUTHENTICATED, PERMISSION_DENIED, INVALID_ARGUMENT or BRIDGE_UNAVAILABLE. */
export async function dial(address: RedisAddress, settings: RedisSettings, { login, db, signal }: DialOptions): Promise<RedisConnection> {
  const name = `${address.host}:${address.port}`
  const redis = new Redis({
    ...address,
    ...(settings.tls && { tls: settings.tls }),
    protocol: 2,
    lazyConnect: true,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    disableClientInfo: true,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
    connectTimeout: Math.ceil(settings.connectTimeoutMs / settings.addresses.length),
    // One timer for each connection, and only while answers are due; `commandTimeout` would be one for each command.
    socketTimeout: settings.answerTimeoutMs,
    keepAlive: 10_000,
  })
  let failure: unknown
  // Without a listener ioredis prints errors. They also come when nothing waits for them: the connection's end tells enough then.
  redis.on('error', (error: unknown) => (failure ??= error))
  const onAbort = (): void => {
    hangUp(redis)
  }
  signal.addEventListener('abort', onAbort)
  try {
    signal.throwIfAborted()
    await redis.connect()
    await logIn(redis, login)
    if (db !== 0) await redis.select(db)
    await unlessDenied(redis.ping())
    signal.throwIfAborted()
    return { redis, address, name }
  } catch (error) {
    hangUp(redis)
    signal.throwIfAborted()
    // An answer says more than that the connection went after it.
    throw redisFault(wordOf(error) === undefined ? (failure ?? error) : error, name).error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Ends a connection at once: a server that hangs would not close its half. */
export function hangUp(redis: Redis): void {
  // A second time it would keep a timer that nothing clears.
  if (redis.status === 'end') return
  redis.disconnect()
  const stream = redis.stream as Redis['stream'] | undefined
  stream?.destroy()
}

/** Whether a server takes writes. */
export async function isMaster({ redis }: RedisConnection): Promise<boolean> {
  const role = await unlessDenied(redis.call('ROLE'))
  return !Array.isArray(role) || role[0] !== 'slave'
}

async function logIn(redis: Redis, login: RedisLogin | undefined): Promise<void> {
  if (login === undefined) return
  const { username, password } = login
  try {
    await (username === undefined ? redis.auth(password) : redis.auth(username, password))
  } catch (error) {
    const text = (error as Error).message
    // It asks for none: so be it.
    if (/no password is set|without any password configured/i.test(text)) return
    if (/wrong number of arguments/i.test(text)) throw new FrontierError('INVALID_ARGUMENT', 'servers before Redis 6 know no usernames', { cause: error })
    if (/invalid password|WRONGPASS/i.test(text)) throw new FrontierError('UNAUTHENTICATED', text, { cause: error })
    throw error
  }
}

/** What a server answers; undefined when we may not ask. */
async function unlessDenied<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (wordOf(error) === 'NOPERM') return undefined
    throw error
  }
}
