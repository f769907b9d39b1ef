import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { connect, type Socket } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'

import { eventually } from './eventually.js'
import { clientsOf, protocolNames, testPlane, transportOf, type TestPlane } from './test-plane.js'

const sockets: Socket[] = []
const sessions: ClientHttp2Session[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const session of sessions.splice(0)) session.destroy()
})

/** A connection that sends `bytes`; what comes back, once the other side has closed it. */
function speak(port: number, bytes: string | Buffer): { socket: Socket; ended: Promise<string> } {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined)
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1'))))
  socket.write(bytes)
  return { socket, ended }
}

async function expectAlive(plane: TestPlane): Promise<void> {
  expect((await fetch(`${plane.url}/v1/edges`)).status).toBe(200)
  expect((await clientsOf('grpc', plane.url).family.listEdges({})).count).toBe(0)
}

describe('a port that is given nonsense', () => {
  it.each([
    ['zeros', Buffer.alloc(64)],
    ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
    ['half a preface and garbage', 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n'],
    ['a preface and garbage', Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.alloc(4096, 0xff)])],
    ['a request without a host', 'GET /v1/edges HTTP/1.1\r\n\r\n'],
    ['a host that is none', 'POST /controlplane.ControlPlane/ListEdges HTTP/1.1\r\nHost: a b@:99999\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}'],
    ['a target that is no path', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(10_000)}`],
    ['a length that is none', 'POST /v2/drain HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
  ])('closes the connection: %s', async (_, bytes) => {
    await using plane = await testPlane()
    const answer = await speak(plane.port, bytes).ended
    expect(answer.startsWith('HTTP/1.1 2')).toBe(false)
    await expectAlive(plane)
  })
})

describe('a caller that takes its time', () => {
  it.each([
    ['says nothing', ''],
    ['begins a preface', 'PR'],
    ['begins its headers', 'GET /v1/edges HTTP/1.1\r\nHost: x\r\n'],
    ['says no more than the preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('is cut off: %s', async (_, bytes) => {
    await using plane = await testPlane({ headersTimeoutMs: 200 })
    await speak(plane.port, bytes).ended
  })

  it('is cut off when it drips its headers', async () => {
    await using plane = await testPlane({ headersTimeoutMs: 200 })
    const { socket, ended } = speak(plane.port, 'GET /v1/edges HTTP/1.1\r\nHost: x\r\n')
    const drip = setInterval(() => socket.write('a: b\r\n'), 20)
    await ended
    clearInterval(drip)
  })

  it('is cut off when its body does not come', async () => {
    await using plane = await testPlane({ requestTimeoutMs: 300, headersTimeoutMs: 200 })
    await speak(plane.port, 'POST /v2/drain HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{').ended
    const session = connectHttp2(plane.url)
    sessions.push(session)
    for (const [path, type] of [['/v2/drain', 'application/json'], ['/frontier.v1.Admin/Drain', 'application/grpc']]) {
      const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': type })
      stream.on('error', () => undefined).resume()
      stream.write('{')
      await new Promise((resolve) => stream.once('close', resolve))
    }
    expect(plane.backend.drains).toEqual([])
    await expectAlive(plane)
  })
})

describe('a body that is too large', () => {
  const maxBodyBytes = 1024

  it.each([['with its length', true], ['in chunks', false]])('is refused over REST, %s', async (_, isDeclared) => {
    await using plane = await testPlane({ maxBodyBytes })
    plane.backend.addEdge({ edgeId: 1n })
    const body = JSON.stringify({ method: 'm', text: 'x'.repeat(2000) })
    const stream = new Blob([body]).stream()
    const init = isDeclared ? { body } : { body: stream, duplex: 'half' }
    const answer = await fetch(`${plane.url}/v2/edges/1/call`, { method: 'POST', headers: { 'content-type': 'application/json' }, ...init } as RequestInit)
    expect([answer.status, await answer.json()]).toMatchObject([413, { reason: 'PAYLOAD_TOO_LARGE' }])
  })

  it.each(protocolNames)('is refused over %s', async (protocol) => {
    await using plane = await testPlane({ maxBodyBytes })
    plane.backend.addEdge({ edgeId: 1n })
    const { admin } = clientsOf(protocol, plane.url)
    await expect(admin.callEdge({ edgeId: 1n, method: 'm', content: { case: 'text', value: 'x'.repeat(2000) } })).rejects.toMatchObject({ code: 8 })
    await admin.callEdge({ edgeId: 1n, method: 'm' })
  })
})

describe('a caller that nobody knows', () => {
  const tokens = [{ name: 'a', role: 'admin', token: 'a-token-of-some-length' }] as const

  it.each(protocolNames)('is told so before its body is there, over %s', async (protocol) => {
    await using plane = await testPlane({ tokens, requestTimeoutMs: 20_000 })
    const { admin } = clientsOf(protocol, plane.url)
    // A megabyte is longer than what a connection takes unread.
    const called = admin.callEdge({ edgeId: 1n, method: 'm', content: { case: 'data', value: new Uint8Array(1_000_000) } })
    await expect(called).rejects.toMatchObject({ code: 16 })
    await expect(admin.watchEvents({})[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 16 })
  })

  it('is not waited for', async () => {
    await using plane = await testPlane({ tokens, requestTimeoutMs: 20_000 })
    const session = connectHttp2(plane.url)
    sessions.push(session)
    const types = ['application/grpc', 'application/grpc-web+proto', 'application/proto', 'application/json', 'application/grpc+json']
    for (const type of types) {
      const stream = session.request({ ':method': 'POST', ':path': '/frontier.v1.Admin/Drain', 'content-type': type, 'content-encoding': 'gzip' })
      stream.on('error', () => undefined).resume()
      // The body never comes to its end.
      stream.write(Buffer.from([0, 0, 0, 1, 0]))
      const headers = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve))
      expect([type, headers[':status'] === 401 || headers['grpc-status'] === '16' || headers[':status'] === 200]).toEqual([type, true])
      stream.close()
    }
    expect(plane.backend.drains).toEqual([])
  })

  it('may open so many streams, and no more', async () => {
    await using plane = await testPlane({ tokens })
    const all = Array.from({ length: 5 }, () => connectHttp2(plane.url))
    sessions.push(...all)
    const body = Buffer.from([0, 0, 0, 0, 0])
    let open = 0
    let refused = 0
    for (let count = 0; count < 1_030; count++) {
      const stream = all[count % 5]!.request({ ':method': 'POST', ':path': '/grpc.health.v1.Health/Watch', 'content-type': 'application/grpc' })
      stream.on('error', () => undefined).on('trailers', (trailers) => (refused += Number(trailers['grpc-status'] === '8')))
      stream.once('data', () => open++)
      stream.end(body)
    }
    await eventually(() => open === 1_024 && refused === 6, 'all answers')
    for (const session of all) session.destroy()
    const { createClient } = await import('@connectrpc/connect')
    const { Health } = await import('../src/gen/grpc/health/v1/health_pb.js')
    const health = createClient(Health, transportOf('grpc', plane.url))
    for (;;) {
      const abort = new AbortController()
      const first = await health.watch({}, { signal: abort.signal })[Symbol.asyncIterator]().next().catch(() => undefined)
      abort.abort()
      if (first !== undefined) break
    }
  })
})

describe('a request that makes no sense', () => {
  it.each([
    ['/v1/edges?page=1e3', 400],
    ['/v1/edges?edge_id=-5', 400],
    [`/v1/edges?page=${'9'.repeat(5000)}`, 400],
    ['/v1/edges/%zz', 400],
    ['/v1/edges/%00', 400],
    ['/v1/edges?meta=%zz', 200],
    ['/v1/edges?unknown[x][y]=1', 200],
    ['/v2/edges?labels[a]=1&labels[b]=2', 200],
    ['/v2/edges?labels=1', 200],
    ['/v2/edges?page_size=-1', 400],
    ['/v2/edges?page_size=1001', 400],
    ['/v2/edges?online_from=yesterday', 400],
    ['/v2/edges?online_from=2026-01-01T00:00:00Z', 200],
    [`/v2/edges?cursor=${'A'.repeat(10_000)}`, 400],
    ['/v2/events?types=colour', 400],
    ['/v2/events?role=', 200],
    [`/v1/edges?${'a=b&'.repeat(2000)}`, 400],
    ['/v1/edges?constructor=1&__proto__=2', 200],
    ['/..//./v1/edges', 200],
  ])('%s is answered %i', async (path, status) => {
    await using plane = await testPlane()
    const answer = await fetch(plane.url + path)
    expect(answer.status).toBe(status)
    if (status === 400) expect(((await answer.json()) as { reason: string }).reason).toMatch(/^(CODEC|INVALID_ARGUMENT)$/)
    else await answer.body?.cancel()
  })

  it.each([
    ['{', 400],
    ['[]', 400],
    ['{"method":1}', 400],
    ['{"edge_id":1.5}', 400],
    ['{"timeout":"soon"}', 400],
    ['{"unknown":{"deep":[1]},"method":"m"}', 200],
    [Buffer.from([0xff, 0xfe]), 400],
  ])('a body of %j is answered %i', async (body, status) => {
    await using plane = await testPlane()
    plane.backend.addEdge({ edgeId: 1n })
    const answer = await fetch(`${plane.url}/v2/edges/1/call`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    expect(answer.status).toBe(status)
  })

  it.each([
    ['ListEdges', '{"edge_id":"x"}', 400],
    ['GetEdge', '{"edge_id":"-1"}', 400],
    ['GetEdge', '{"edge_id":"18446744073709551616"}', 400],
    ['GetEdge', '{"edge_id":1.5}', 400],
    ['ListEdges', '{"page":"one"}', 400],
    ['ListEdges', '{"page":"-1"}', 200],
    ['ListEdges', '{"unknown":[1]}', 200],
    ['ListEdges', '[', 400],
    ['GetEdge', '{"edge_id":"18446744073709551615"}', 404],
  ])('over Connect: %s %s is answered %i', async (method, body, status) => {
    await using plane = await testPlane()
    const answer = await fetch(`${plane.url}/controlplane.ControlPlane/${method}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    const { code } = (await answer.json()) as { code?: string }
    expect([answer.status, code]).toEqual([status, { 200: undefined, 400: 'invalid_argument', 404: 'not_found' }[status]])
  })

  it.each([
    ['unknown fields', Buffer.from([0, 0, 0, 0, 3, 0xf8, 0x7f, 1]), '0'],
    // INTERNAL, as gRPC has it.
    ['half a field', Buffer.from([0, 0, 0, 0, 1, 0x08]), '13'],
    ['a length beyond the limit', Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), '8'],
    ['a length that is not reached', Buffer.from([0, 0, 0, 0, 9, 1]), '3'],
    ['a compression that was not agreed on', Buffer.from([1, 0, 0, 0, 1, 1]), '13'],
    ['nothing', Buffer.alloc(0), '12'],
  ])('over gRPC: %s', async (_, body, status) => {
    await using plane = await testPlane()
    const session = connectHttp2(plane.url)
    sessions.push(session)
    const stream = session.request({ ':method': 'POST', ':path': '/controlplane.ControlPlane/ListEdges', 'content-type': 'application/grpc' })
    let told: unknown
    const note = (headers: Record<string, unknown>): void => void (told ??= headers['grpc-status'])
    stream.on('error', () => undefined).on('response', note).on('trailers', note).resume()
    stream.end(body)
    await new Promise((resolve) => stream.once('close', resolve))
    expect(told).toBe(status)
    await expectAlive(plane)
  })

  it('headers of a megabyte over HTTP/2', async () => {
    await using plane = await testPlane()
    const session = connectHttp2(plane.url, { maxSendHeaderBlockLength: 2 ** 24 })
    sessions.push(session)
    session.on('error', () => undefined)
    const headers = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`x-${at}`, 'y'.repeat(10_000)]))
    const stream = session.request({ ':path': '/v1/edges', ...headers })
    let status = 0
    stream.on('error', () => undefined).on('response', (answer) => (status = answer[':status'] ?? 0)).resume()
    await new Promise((resolve) => stream.once('close', resolve))
    expect([0, 431]).toContain(status)
    await expectAlive(plane)
  })

  it('a path variable goes before what the body says', async () => {
    await using plane = await testPlane()
    plane.backend.addEdge({ edgeId: 1n })
    await fetch(`${plane.url}/v2/edges/1/publish`, { method: 'POST', body: '{"edge_id":"2"}', headers: { 'content-type': 'application/json' } })
    expect(plane.backend.published).toMatchObject([{ edgeId: 1n }])
  })

  it('a method that there is not', async () => {
    await using plane = await testPlane()
    const session = connectHttp2(plane.url)
    sessions.push(session)
    const stream = session.request({ ':method': 'POST', ':path': '/frontier.v1.Admin/Nothing', 'content-type': 'application/grpc' })
    const headers = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve))
    expect(headers).toMatchObject({ ':status': 200, 'grpc-status': '12' })
    const answer = await fetch(`${plane.url}/frontier.v1.Admin/Nothing`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    expect(answer.status).toBe(404)
  })
})

it('a fault tells its caller nothing', async () => {
  const errors: unknown[] = []
  const logger = { debug() {}, info() {}, warn() {}, error: (fields: object) => void errors.push(fields) }
  await using plane = await testPlane({ logger })
  plane.backend.addEdge({ edgeId: 1n })
  plane.backend.onCall = () => Promise.reject(new Error('the password is 1234'))
  const answer = await fetch(`${plane.url}/v2/edges/1/call`, { method: 'POST', body: '{"method":"m"}', headers: { 'content-type': 'application/json' } })
  expect([answer.status, await answer.json()]).toEqual([500, { code: 500, reason: 'UNKNOWN', message: 'unknown request error', metadata: {} }])
  await expect(clientsOf('grpc', plane.url).admin.callEdge({ edgeId: 1n, method: 'm' })).rejects.toMatchObject({ code: 13, rawMessage: 'unknown request error' })
  expect(errors).toHaveLength(2)
})

it('takes no more connections than it may', async () => {
  await using plane = await testPlane({ maxConnections: 3 })
  const open = Array.from({ length: 3 }, () => speak(plane.port, 'GET /v1/edges HTTP/1.1\r\n'))
  await eventually(() => open.every(({ socket }) => socket.readyState === 'open'))
  await speak(plane.port, 'GET /v1/edges HTTP/1.1\r\nHost: x\r\n\r\n').ended
})
