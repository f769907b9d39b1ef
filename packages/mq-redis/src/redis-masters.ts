import { FrontierError, toFrontierError } from '@frontier/wire'
import { dial, hangUp, isMaster, type RedisConnection } from './redis-dial.js'
import { redisFault } from './redis-errors.js'
import { keySlot, SLOTS } from './key-slot.js'
import type { RedisAddress, RedisSettings } from './redis-settings.js'

/** Connections to every server that takes writes: one, or the masters of a cluster. */
export interface RedisMasters {
  readonly connections: readonly RedisConnection[]
  /** The one that has a key. */
  of(key: string): RedisConnection
}

/** Finds and connects them; `turn` says which address comes first. Rejects with the error of the last address that was tried, leaving nothing open. */
export async function connectMasters(settings: RedisSettings, turn: number, signal: AbortSignal): Promise<RedisMasters> {
  const { addresses, sentinel, isCluster } = settings
  let failure: FrontierError | undefined
  for (let i = 0; i < addresses.length; i++) {
    const address = addresses[(turn + i) % addresses.length]!
    try {
      if (isCluster) return await clusterMasters(address, settings, signal)
      const master = sentinel === undefined ? address : await masterBySentinel(address, sentinel, settings, signal)
      return only(await dialMaster(master, settings, signal))
    } catch (error) {
      signal.throwIfAborted()
      const known = toFrontierError(error, 'BRIDGE_UNAVAILABLE')
      // What does not pass by itself says more than that another address is down.
      if (failure === undefined || !known.retryable) failure = known
    }
  }
  throw failure ?? new FrontierError('BRIDGE_UNAVAILABLE', 'redis: no address')
}

function only(connection: RedisConnection): RedisMasters {
  return { connections: [connection], of: () => connection }
}

async function dialMaster(address: RedisAddress, settings: RedisSettings, signal: AbortSignal): Promise<RedisConnection> {
  const { login, db } = settings
  const connection = await dial(address, settings, { login, db, signal })
  try {
    if (await isMaster(connection)) return connection
  } catch (error) {
    hangUp(connection.redis)
    throw redisFault(error, connection.name).error
  }
  hangUp(connection.redis)
  throw new FrontierError('BRIDGE_UNAVAILABLE', `${connection.name}: a replica, which takes no writes`)
}

async function masterBySentinel(address: RedisAddress, { name, login }: NonNullable<RedisSettings['sentinel']>, settings: RedisSettings, signal: AbortSignal): Promise<RedisAddress> {
  return asking(address, { login, settings, signal }, async (sentinel) => {
    const answer = await sentinel.redis.call('SENTINEL', 'get-master-addr-by-name', name)
    if (answer === null) throw new FrontierError('INVALID_ARGUMENT', `${sentinel.name}: the sentinel knows no master ${JSON.stringify(name)}`)
    const [host, port] = answer as readonly string[]
    return { host: String(host), port: Number(port) }
  })
}

async function clusterMasters(seed: RedisAddress, settings: RedisSettings, signal: AbortSignal): Promise<RedisMasters> {
  const { login } = settings
  const ranges = await asking(seed, { login, settings, signal }, async (node) => slotRanges(await node.redis.call('CLUSTER', 'SLOTS'), seed.host))
  const owners = new Uint16Array(SLOTS)
  const names = [...new Set(ranges.map(({ address }) => `${address.host}:${address.port}`))]
  const masters = names.map((name) => ranges.find(({ address }) => `${address.host}:${address.port}` === name)!.address)
  let covered = 0
  for (const { from, to, address } of ranges) {
    owners.fill(names.indexOf(`${address.host}:${address.port}`), from, to + 1)
    covered += to + 1 - from
  }
  if (covered < SLOTS) throw new FrontierError('BRIDGE_UNAVAILABLE', `${seed.host}:${seed.port}: ${SLOTS - covered} slots of the cluster have no master`)
  // All of them: with one missing, its messages would fail, and be sent again, all the time until the cluster has found another.
  const dials = await Promise.allSettled(masters.map((address) => dialMaster(address, settings, signal)))
  const connections = dials.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = dials.find((result) => result.status === 'rejected')
  if (failed !== undefined) {
    for (const { redis } of connections) hangUp(redis)
    throw failed.reason
  }
  return { connections, of: (key) => connections[owners[keySlot(key)]!]! }
}

/** Asks a server that is of no use beyond that. */
async function asking<T>(
  address: RedisAddress,
  { login, settings, signal }: { login: RedisSettings['login']; settings: RedisSettings; signal: AbortSignal },
  ask: (connection: RedisConnection) => Promise<T>,
): Promise<T> {
  const connection = await dial(address, settings, { login, db: 0, signal })
  try {
    return await ask(connection)
  } catch (error) {
    throw redisFault(error, connection.name).error
  } finally {
    hangUp(connection.redis)
  }
}

interface SlotRange {
  readonly from: number
  readonly to: number
  readonly address: RedisAddress
}

/** Of CLUSTER SLOTS: `[from, to, [host, port, ...], replicas...]`. A node that does not know its own host says ''. */
function slotRanges(answer: unknown, seedHost: string): SlotRange[] {
  return (answer as readonly [number, number, readonly [string | null, number]][]).map(([from, to, [host, port]]) => ({
    from,
    to,
    address: { host: host === null || host === '' ? seedHost : host, port },
  }))
}
