import { connectEdge, FrontierError, type Edge } from '@frontier/edge'
import { connectService, type Service } from '@frontier/service'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { startGateway, type Gateway } from './support/gateway.js'

// The program against the program: every command over a real gateway.

const LARGE = 9_007_199_254_740_995n // above 2^53, where numbers lose the last digit
const binary = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256))

let gateway: Gateway
let edge: Edge
let service: Service
const messages: string[] = []

beforeAll(async () => {
  gateway = await startGateway()
  edge = await connectEdge(gateway.edgebound, {
    id: LARGE,
    meta: 'thermometer north',
    labels: { site: 'north', rack: '7' },
    methods: {
      echo: (request) => ({ data: request.data, meta: request.meta }),
      broken: () => {
        throw new Error('it is broken')
      },
      picky: () => {
        throw new FrontierError('INVALID_ARGUMENT', 'not this')
      },
      slow: (request) => new Promise((_, reject) => request.signal.addEventListener('abort', () => reject(new Error('late')))),
    },
    onMessage: (message) => {
      messages.push(`${message.topic}:${message.text()}`)
      if (message.text() === 'bad') throw new Error('not taken')
    },
  })
  service = await connectService(gateway.servicebound, { name: 'weather', topics: ['sun', 'rain'], labels: { zone: 'a' }, methods: { forecast: () => 'sunny' } })
})

afterAll(async () => {
  edge.abort()
  service.abort()
  await gateway[Symbol.asyncDispose]()
})

describe('edges', () => {
  it('ls: a table for people', async () => {
    const { exitCode, out, error } = await gateway.run(['edges', 'ls'])
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' })
    const [titles, row, ...rest] = out.split('\n')
    expect(titles).toMatch(/^ +EDGE +ADDRESS +ONLINE SINCE \(UTC\) +LABELS +META +METHODS$/)
    expect(row).toMatch(/^9007199254740995 {2}127\.0\.0\.1:\d+ {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}rack=7,site=north {2}thermometer north {2}broken,echo,picky,slow$/)
    expect(rest).toEqual([''])
  })

  it('ls --json: one document, ids as decimal strings, nothing left out', async () => {
    const { edges, count } = await gateway.json(['edges', 'ls'])
    expect(count).toBe('1')
    expect(edges).toEqual([
      {
        edge_id: '9007199254740995',
        meta: Buffer.from('thermometer north').toString('base64'),
        meta_text: 'thermometer north',
        labels: { site: 'north', rack: '7' },
        addr: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        online_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        generation: expect.stringMatching(/^\d+$/),
        methods: ['broken', 'echo', 'picky', 'slow'],
      },
    ])
  })

  it.each([
    [['--label', 'site=north', '--label', 'rack=7'], 1],
    [['--label', 'site=south'], 0],
    [['--meta', 'thermo'], 1],
    [['--meta', 'x'], 0],
    [['--method', 'echo', '--addr', '127.', '--since', '1h', '--order', 'edge_id'], 1],
    [['--until', '1h'], 0],
    [['--limit', '0'], 0],
  ])('ls %j finds %d', async (flags, count) => {
    expect((await gateway.json(['edges', 'ls', ...flags])).edges).toHaveLength(count)
  })

  it('get', async () => {
    const { out } = await gateway.run(['edges', 'get', String(LARGE)])
    expect(out).toMatch(/^edge {10}9007199254740995\naddress {7}127\.0\.0\.1:\d+\n/)
    expect(out).toMatch(/^methods {7}broken, echo, picky, slow$/m)
    expect(await gateway.json(['edges', 'get', String(LARGE)])).toMatchObject({ edge_id: String(LARGE), labels: { site: 'north' } })
  })

  it('get and kick of one that is not there: 3', async () => {
    expect(await gateway.run(['edges', 'get', '42'])).toMatchObject({ exitCode: 3, out: '', error: expect.stringMatching(/^frontier: RECORD_NOT_FOUND: .+\n$/) })
    expect(await gateway.run(['edges', 'kick', '42'])).toMatchObject({
      exitCode: 3,
      error: expect.stringMatching(/^frontier: EDGE_NOT_ONLINE: .+; see frontier edges ls\n$/),
    })
  })

  it('kick closes the link, and the edge comes back', async () => {
    await using other = await connectEdge(gateway.edgebound, { id: 7 })
    const offline = new Promise((resolve) => other.onStatus((status) => status.type === 'offline' && resolve(status.error)))
    const online = new Promise((resolve) => other.onStatus((status) => status.type === 'online' && resolve(status)))
    expect(await gateway.run(['edges', 'kick', '7', '--reason', 'new firmware'])).toMatchObject({ exitCode: 0, out: 'kicked edge 7\n' })
    expect(await offline).toMatchObject({ code: 'KICKED', reason: 'new firmware' })
    await online
  })

  it('ban keeps it out, bans tells of it, unban lets it in', async () => {
    const ban = await gateway.run(['edges', 'ban', '8', '--for', '1h', '--reason', 'sends garbage'])
    expect(ban).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^banned edge 8 for 1h, until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\n$/) })
    await expect(connectEdge(gateway.edgebound, { id: 8 })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    expect((await gateway.run(['edges', 'bans'])).out).toMatch(/\n {3}8 {2}.+sends garbage\n$/)
    expect(await gateway.json(['edges', 'bans'])).toMatchObject({ bans: [{ edge_id: '8', reason: 'sends garbage' }] })
    expect(await gateway.run(['edges', 'unban', '8'])).toMatchObject({ exitCode: 0, out: 'unbanned edge 8\n' })
    const back = await connectEdge(gateway.edgebound, { id: 8 })
    back.abort()
    expect(await gateway.run(['edges', 'unban', '8'])).toMatchObject({ exitCode: 3 })
  })

  it('ban of one that is online closes its link', async () => {
    const other = await connectEdge(gateway.edgebound, { id: 9 })
    expect((await gateway.run(['edges', 'ban', '9'])).out).toBe('banned edge 9 until it is unbanned; it was online\n')
    expect(await other.closed).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect((await gateway.run(['edges', 'unban', '9'])).exitCode).toBe(0)
  })
})

describe('services', () => {
  it('ls and get', async () => {
    expect((await gateway.run(['services', 'ls'])).out).toMatch(/ weather +127\.0\.0\.1:\d+ .+ zone=a +forecast +rain,sun\n$/)
    const { services } = await gateway.json(['services', 'ls', '--name', 'wea', '--topic', 'sun', '--method', 'forecast'])
    expect(services).toMatchObject([{ service_id: String(service.id), name: 'weather', topics: ['rain', 'sun'] }])
    expect((await gateway.json(['services', 'ls', '--topic', 'snow'])).services).toEqual([])
    expect((await gateway.run(['services', 'get', String(service.id)])).out).toMatch(/^name +weather$/m)
    expect((await gateway.run(['services', 'get', '42'])).exitCode).toBe(3)
  })

  it('kick closes the link', async () => {
    await using other = await connectService(gateway.servicebound, { name: 'other', reconnect: false })
    expect(await gateway.run(['services', 'kick', String(other.id)])).toMatchObject({ exitCode: 0, out: `kicked service ${other.id}\n` })
    expect(await other.closed).toMatchObject({ code: 'KICKED' })
    expect(await gateway.run(['services', 'kick', '42'])).toMatchObject({ exitCode: 3, error: expect.stringContaining('SERVICE_NOT_ONLINE') })
  })

  it('ban by name keeps all of them out, bans tells of it, unban lets them in', async () => {
    const one = await connectService(gateway.servicebound, { name: 'billing' })
    const two = await connectService(gateway.servicebound, { name: 'billing' })
    const ban = await gateway.run(['services', 'ban', '--name', 'billing', '--for', '1h', '--reason', 'bad release'])
    expect(ban).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^banned services named "billing" for 1h, until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC; 2 were online\n$/) })
    for (const service of [one, two]) expect(await service.closed).toMatchObject({ code: 'PERMISSION_DENIED' })
    await expect(connectService(gateway.servicebound, { name: 'billing' })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    expect((await gateway.run(['services', 'bans'])).out).toMatch(/\n {6}- {2}billing {2}.+bad release\n$/)
    expect(await gateway.run(['services', 'unban', '--name', 'billing'])).toMatchObject({ exitCode: 0, out: 'unbanned services named "billing"\n' })
    const back = await connectService(gateway.servicebound, { name: 'billing' })
    back.abort()
    expect(await gateway.run(['services', 'unban', '--name', 'billing'])).toMatchObject({ exitCode: 3 })
  })

  it('ban by id', async () => {
    const other = await connectService(gateway.servicebound, { name: 'other' })
    const id = String(other.id)
    expect(await gateway.json(['services', 'ban', id])).toMatchObject({ closed: '1', ban: { service_id: id, name: '' } })
    expect(await other.closed).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(await gateway.json(['services', 'bans'])).toMatchObject({ bans: [{ service_id: id, name: '' }] })
    expect(await gateway.json(['services', 'unban', id])).toEqual({ service_id: id, name: '', unbanned: true })
  })

  it.each([[[]], [['7', '--name', 'billing']]])('ban %j: 2, it needs one of both', async (args) => {
    expect(await gateway.run(['services', 'ban', ...args])).toMatchObject({ exitCode: 2, error: 'frontier: INVALID_ARGUMENT: give either SERVICE, an id, or --name\n' })
  })
})

describe('names', () => {
  it('rpcs are told of both sides, or of one', async () => {
    expect(await gateway.json(['rpcs'])).toEqual({ edges: ['broken', 'echo', 'picky', 'slow'], services: ['forecast'] })
    expect(await gateway.json(['rpcs', '--of', 'services'])).toEqual({ edges: [], services: ['forecast'] })
    expect(await gateway.json(['rpcs', '--edge', String(LARGE)])).toEqual({ edges: ['broken', 'echo', 'picky', 'slow'], services: [] })
    expect(await gateway.json(['rpcs', '--service', 'wea'])).toEqual({ edges: [], services: ['forecast'] })
    expect((await gateway.run(['rpcs', '--of', 'services'])).out).toBe('METHOD    OF\nforecast  services\n')
  })

  it('topics', async () => {
    expect((await gateway.run(['topics'])).out).toBe('TOPIC\nrain\nsun\n')
    expect(await gateway.json(['topics', '--service', 'x'])).toEqual({ topics: [] })
  })
})

describe('call', () => {
  const call = (...args: string[]) => gateway.run(['call', String(LARGE), ...args])

  it('prints the answer as it came, and nothing else', async () => {
    expect(await call('echo', 'größer')).toMatchObject({ exitCode: 0, out: 'größer', error: '' })
    expect(await call('echo')).toMatchObject({ exitCode: 0, out: '' })
  })

  it('takes stdin, and keeps every byte', async () => {
    const { exitCode, bytes } = await gateway.run(['call', String(LARGE), 'echo', '-'], { stdin: binary })
    expect(exitCode).toBe(0)
    expect(bytes.equals(binary)).toBe(true)
  })

  it('--json has base64, and text where it is text', async () => {
    expect(await gateway.json(['call', String(LARGE), 'echo', 'a', '--meta', 'm'])).toEqual({ data: 'YQ==', text: 'a', meta: { data: 'bQ==', text: 'm' } })
    const { out } = await gateway.run(['call', String(LARGE), 'echo', '-', '--json'], { stdin: new Uint8Array([255]) })
    expect(JSON.parse(out)).toEqual({ data: '/w==', meta: { data: '', text: '' } })
  })

  it.each([
    [['42', 'echo'], 3, 'EDGE_NOT_ONLINE'],
    [[String(LARGE), 'nothing'], 3, 'RPC_NOT_ONLINE'],
    [[String(LARGE), 'broken'], 4, 'REMOTE_ERROR: it is broken'],
    [[String(LARGE), 'picky'], 4, 'INVALID_ARGUMENT: not this'],
    [[String(LARGE), 'slow', '--timeout', '100ms'], 6, 'TIMEOUT'],
    [['x', 'echo'], 2, 'INVALID_ARGUMENT: EDGE must be an id'],
  ])('%j: %d %s', async (args, exitCode, text) => {
    const ending = await gateway.run(['call', ...args])
    expect(ending).toMatchObject({ exitCode, out: '', error: expect.stringContaining(text) })
    expect(ending.error).toMatch(/^frontier: [A-Z_]+: .+\n$/)
  })

  it('ends with 130 when it is interrupted', async () => {
    const running = gateway.start(['call', String(LARGE), 'slow'])
    await vi.waitFor(async () => expect((await gateway.json(['stats'])).pending).toBe('1'), { timeout: 10_000 })
    running.kill('SIGINT')
    expect(await running.ended).toMatchObject({ exitCode: 130, out: '', error: '' })
  })
})

describe('publish', () => {
  it('ends when the edge is done with it', async () => {
    expect(await gateway.run(['publish', String(LARGE), 'good', '--topic', 't'])).toMatchObject({ exitCode: 0, out: 'acknowledged\n' })
    expect(await gateway.run(['publish', String(LARGE), '-'], { stdin: 'from stdin' })).toMatchObject({ exitCode: 0 })
    expect(messages).toEqual(expect.arrayContaining(['t:good', ':from stdin']))
    expect(await gateway.json(['publish', String(LARGE), 'x', '--at-most-once'])).toEqual({ edge_id: String(LARGE), sent: true })
  })

  it('4 when the edge says no', async () => {
    expect(await gateway.run(['publish', String(LARGE), 'bad'])).toMatchObject({ exitCode: 4, error: expect.stringContaining('not taken') })
  })
})

describe('events', () => {
  const watchers = async (count: number): Promise<void> =>
    vi.waitFor(async () => expect((await gateway.json(['stats'])).watchers).toBe(String(count)), { timeout: 10_000 })

  it('--json: a document a line, until the count is reached', async () => {
    await using watch = gateway.start(['events', '--json', '--id', '77', '--count', '5'])
    await watchers(1)
    const other = await connectEdge(gateway.edgebound, { id: 77, reconnect: false })
    await other.register('later', () => 'x')
    await gateway.run(['edges', 'kick', '77', '--reason', 'go'])
    await other.closed
    const again = await connectEdge(gateway.edgebound, { id: 77 })
    const { exitCode, out } = await watch.ended
    again.abort()
    expect(exitCode).toBe(0)
    const lines = out.trim().split('\n').map((line) => JSON.parse(line))
    expect(lines.map(({ type }) => type)).toEqual(['ONLINE', 'REGISTER', 'KICK', 'OFFLINE', 'ONLINE'].map((type) => `EVENT_TYPE_${type}`))
    expect(lines[0]).toMatchObject({ id: '77', role: 'ROLE_EDGE', edge: { edge_id: '77' } })
    expect(lines[1]).toMatchObject({ method: 'later' })
    expect(lines[3]).toMatchObject({ code: 'KICKED', reason: 'go' })
  })

  it('a line for people, of what was asked for, until it is interrupted', async () => {
    await using watch = gateway.start(['events', '--type', 'online', '--role', 'service'])
    await watchers(1)
    const other = await connectEdge(gateway.edgebound, { id: 78 })
    const peer = await connectService(gateway.servicebound, { name: 'two words', topics: ['snow'] })
    await vi.waitFor(() => expect(watch.out).toContain('\n'), { timeout: 10_000 })
    watch.kill('SIGINT')
    const { exitCode, out, error } = await watch.ended
    other.abort()
    peer.abort()
    expect({ exitCode, error }).toEqual({ exitCode: 0, error: '' })
    expect(out).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} online {5}service \d+ "two words" 127\.0\.0\.1:\d+ {2}topics=snow\n$/)
  })
})

describe('the gateway itself', () => {
  it('stats', async () => {
    const stats = await gateway.json(['stats'])
    expect(stats).toMatchObject({ frontier_id: 'gw-1', draining: false, edges: '1', services: '1' })
    for (let count = 0; count < 3; count++) await service.call(LARGE, 'echo', 'x')
    expect(Number((await gateway.json(['stats'])).latency_samples)).toBeGreaterThanOrEqual(1)
    const { out } = await gateway.run(['stats'])
    expect(out).toMatch(/^gateway +gw-1$/m)
    expect(out).toMatch(/^edges +1$/m)
    expect(out).toMatch(/^latency +\S+ (us|ms|s) p50, \S+ (us|ms|s) p99, of \d+ samples$/m)
    expect(out).toMatch(/^links ended +.*\d+ KICKED/m)
  })

  it('ping', async () => {
    const { exitCode, out } = await gateway.run(['ping', '--count', '2', '--interval', '10ms'])
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^http:\/\/127\.0\.0\.1:\d+ \(gw-1\) seq=1 time=\S+ \S+\n.+ seq=2 .+\n2 of 2 answered, min .+, mean .+, max .+\n$/)
  })

  it('top: a line for each interval in a pipe', async () => {
    const { exitCode, out } = await gateway.run(['top', '--interval', '100ms', '--count', '3'])
    expect(exitCode).toBe(0)
    expect(out.trimEnd().split('\n')).toHaveLength(4)
    expect(out).toMatch(/^ +TIME +EDGES +SERVICES/)
    const lines = (await gateway.run(['top', '--interval', '100ms', '--count', '2', '--json'])).out.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ frontier_id: 'gw-1', edges: 1 }, { services: 1 }])
  })

  it('drain --wait ends when the gateway has, and a watch ends with it', async () => {
    await using other = await startGateway()
    const watch = other.start(['events'])
    await vi.waitFor(async () => expect((await other.json(['stats'])).watchers).toBe('1'), { timeout: 10_000 })
    expect(await other.run(['drain', '--timeout', '1s', '--wait'])).toMatchObject({ exitCode: 0, out: 'drained\n', error: '' })
    expect((await other.program.ended).exitCode).toBe(0)
    expect(await watch.ended).toMatchObject({ exitCode: 5 })
  })
})
