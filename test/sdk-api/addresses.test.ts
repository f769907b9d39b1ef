// sdk-api.md: "Addresses", tls, several addresses; each transport through a whole gateway.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FrontierConfigInput } from '@frontier/config'
import { connectEdge, type Edge, type LinkOptions } from '@frontier/edge'
import { createFrontier, type Frontier } from '@frontier/gateway'
import { connectService, type NewEdge, type Service } from '@frontier/service'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeCertificate, type Certificate } from '../../packages/transport/test/certificates.js'
import { rejectionOf } from '../support/eventually.js'
import { payload } from '../support/payload.js'
import { readAll } from '../support/stream-pair.js'
import { startGateway } from '../support/test-gateway.js'

type Listen = NonNullable<NonNullable<FrontierConfigInput['edgebound']>['listen']>

let directory: string
let ca: Certificate
let server: Certificate
let client: Certificate
let stranger: Certificate

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'frontier-'))
  ca = await makeCertificate('the authority')
  server = await makeCertificate('gateway', { ca, dns: ['localhost', 'gateway.example'], ip: ['127.0.0.1'] })
  client = await makeCertificate('edge-7', { ca, dns: ['edge-7.example'], uri: ['urn:edge:7'] })
  stranger = await makeCertificate('stranger')
  await Promise.all([
    writeFile(join(directory, 'ca.pem'), ca.cert),
    writeFile(join(directory, 'cert.pem'), server.cert),
    writeFile(join(directory, 'key.pem'), server.key),
  ])
})
afterAll(() => rm(directory, { recursive: true }))

const tcp: Listen = { addr: '127.0.0.1:0' }

function tlsListen(mtls = false): Listen {
  const certs = [{ cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') }]
  return { addr: '127.0.0.1:0', tls: { enable: true, certs, mtls, ...(mtls && { ca_certs: [join(directory, 'ca.pem')] }) } }
}

/** Whether everything works between the two: calls, messages, streams, both ways. */
async function tryAll(edge: Edge, service: Service): Promise<void> {
  const big = payload(200_000)
  expect(Buffer.compare((await edge.call('echo', big)).data, big)).toBe(0)
  expect(Buffer.compare((await service.call(edge.id, 'echo', big)).data, big)).toBe(0)
  await edge.publish('t', 'x')
  await service.publish(edge.id, big)
  const stream = await edge.openStream('s')
  await Promise.all([stream.sink([big, big]), readAll(stream).then((back) => expect(back).toHaveLength(2 * big.length))])
}

const echoing = { methods: { echo: ({ data }: { data: Uint8Array }) => data }, onMessage() {} }

/** A gateway whose sides listen like that, and what works through it. */
async function throughGateway(edgebound: Listen, servicebound: Listen, options: LinkOptions = {}, check: (frontier: Frontier) => void = () => undefined): Promise<void> {
  await using frontier = await createFrontier({ edgebound: { listen: edgebound }, servicebound: { listen: servicebound } })
  check(frontier)
  await using service = await connectService(frontier.addresses.servicebound, {
    ...echoing,
    ...options,
    name: 's',
    topics: ['t'],
    onStream: (stream) => stream.sink(stream.source),
  })
  await using edge = await connectEdge(frontier.addresses.edgebound, { ...echoing, ...options })
  await tryAll(edge, service)
}

describe('a whole gateway', () => {
  it('over tcp://', () => throughGateway(tcp, tcp, {}, ({ addresses }) => expect(addresses.edgebound).toMatch(/^tcp:/)))

  it('over unix:///', async () => {
    const at = (name: string): Listen => ({ network: 'unix', addr: join(directory, name) })
    await throughGateway(at('e.sock'), at('s.sock'), {}, ({ addresses }) => {
      expect(addresses.edgebound).toBe(`unix://${join(directory, 'e.sock')}`)
    })
  })

  it('over memory://', async () => {
    await throughGateway({ network: 'memory', addr: 'edges' }, { network: 'memory', addr: 'services' }, {}, ({ addresses }) => {
      expect(addresses).toMatchObject({ edgebound: 'memory://edges', servicebound: 'memory://services' })
    })
  })

  it('over tls://', () => throughGateway(tlsListen(), tlsListen(), { tls: { ca: ca.cert } }, ({ addresses }) => expect(addresses.edgebound).toMatch(/^tls:/)))

  it('over a mixture', () => throughGateway(tlsListen(), { network: 'memory', addr: 'mixed' }, { tls: { ca: ca.cert } }))
})

describe('tls', () => {
  it('needs a certificate that is trusted, for the name that is asked for', async () => {
    await using frontier = await createFrontier({ edgebound: { listen: tlsListen() }, servicebound: { listen: tcp } })
    const { edgebound } = frontier.addresses
    const connect = (tls: NonNullable<LinkOptions['tls']>): Promise<Edge> => connectEdge(edgebound, { tls, reconnect: false })
    expect(await rejectionOf(connect({}))).toMatchObject({ code: 'UNAVAILABLE', delivered: 'no' })
    expect((await rejectionOf(connect({ ca: stranger.cert }))).code).toBe('UNAVAILABLE')
    expect((await rejectionOf(connect({ ca: ca.cert, servername: 'elsewhere.example' }))).code).toBe('UNAVAILABLE')
    for (const tls of [{ ca: ca.cert, servername: 'gateway.example' }, { ca: Buffer.from(ca.cert) }, { ca: [stranger.cert, ca.cert] }, { rejectUnauthorized: false }]) {
      await (await connect(tls)).close()
    }
    expect((await rejectionOf(connect({ cert: client.cert }))).code).toBe('INVALID_ARGUMENT')
  })

  it('client certificates reach the hooks as identity', async () => {
    await using frontier = await createFrontier({ edgebound: { listen: tlsListen(true) }, servicebound: { listen: tcp } })
    const { edgebound, servicebound } = frontier.addresses
    const seen: NewEdge[] = []
    const note = (edge: NewEdge): void => void seen.push(edge)
    await using _service = await connectService(servicebound, { hooks: { getEdgeId: (edge) => (note(edge), 7), edgeOnline: note } })
    await using edge = await connectEdge(edgebound, { tls: { ca: ca.cert, cert: client.cert, key: client.key } })
    expect(edge.id).toBe(7n)
    expect(seen).toHaveLength(2)
    for (const { identity } of seen) expect(identity).toEqual({ subject: 'CN=edge-7', san: ['DNS:edge-7.example', 'URI:urn:edge:7'] })
    for (const tls of [{ ca: ca.cert }, { ca: ca.cert, cert: stranger.cert, key: stranger.key }]) {
      expect((await rejectionOf(connectEdge(edgebound, { tls, reconnect: false }))).code).toMatch(/^(UNAVAILABLE|EOF)$/)
    }
  })

  it('what authenticate says is the identity before the certificate', async () => {
    await using frontier = await createFrontier(
      { edgebound: { listen: tlsListen(true) }, servicebound: { listen: tcp } },
      { authenticate: ({ role, certificate, token }) => (role === 'service' ? undefined : { subject: `${certificate?.subject ?? ''} as ${token ?? ''}` }) },
    )
    const seen: NewEdge[] = []
    await using _service = await connectService(frontier.addresses.servicebound, { hooks: { edgeOnline: (edge) => void seen.push(edge) } })
    await using _edge = await connectEdge(frontier.addresses.edgebound, { token: 'bob', tls: { ca: ca.cert, cert: client.cert, key: client.key } })
    expect(seen[0]!.identity).toEqual({ subject: 'CN=edge-7 as bob' })
  })
})

describe('forms', () => {
  it('a bare host:port is tcp', async () => {
    await using gateway = await startGateway()
    const { port } = new URL(gateway.edges)
    expect((await gateway.edge({}, `127.0.0.1:${port}`)).state).toBe('online')
    expect((await gateway.edge({}, `localhost:${port}`)).state).toBe('online')
  })

  it.each(['', 'nonsense', 'tcp://host', 'http://host:1', 'tcp://host:70000', 'unix://relative', 'memory://', '::1:30011'])('%s is INVALID_ARGUMENT, before anything is dialled', async (address) => {
    expect(await rejectionOf(connectEdge(address))).toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'local' })
    expect((await rejectionOf(connectService([address, '127.0.0.1:1']))).code).toBe('INVALID_ARGUMENT')
  })

  // Not built yet; they must say so at once, and not be tried for half a minute.
  it.each(['ws://127.0.0.1:1/path', 'wss://127.0.0.1:1', 'frontlas+http://127.0.0.1:1', 'frontlas+https://127.0.0.1:1'])('%s is known, and refused with a word that it comes later', async (address) => {
    expect(await rejectionOf(connectEdge(address))).toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('later') })
  })
})

describe('several addresses', () => {
  it('the next one is tried after a failure, in the same round', async () => {
    await using gateway = await startGateway()
    for (let round = 0; round < 10; round++) {
      const edge = await gateway.edge({ reconnect: false }, ['127.0.0.1:1', 'memory://nobody', gateway.edges] as never)
      expect(edge.state).toBe('online')
    }
  })

  it('are tried in random order', async () => {
    await using one = await startGateway()
    await using other = await startGateway()
    const edges: Edge[] = []
    // The odds that all of 40 go the same way are one in 2^39.
    for (let round = 0; round < 40; round++) edges.push(await connectEdge([one.edges, other.edges]))
    expect(one.frontier.registry.edgeCount).toBeGreaterThan(0)
    expect(other.frontier.registry.edgeCount).toBeGreaterThan(0)
    await Promise.all(edges.map((edge) => edge.close()))
  })

  it('a final refusal of one is final', async () => {
    await using gateway = await startGateway()
    await gateway.edge({ id: 5 })
    const error = await rejectionOf(connectEdge([gateway.edges, '127.0.0.1:1'], { id: 5, reconnect: { initialDelayMs: 1, maxDelayMs: 1 } }))
    expect(error.code).toBe('ILLEGAL_EDGE_ID')
  })
})
