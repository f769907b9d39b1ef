// One gateway, asked every method by each kind of client: grpcurl with and without reflection, curl, and clients of gRPC, gRPC-Web and Connect. All get the same answers.
import { execFile, spawn, spawnSync } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

import { create, fromJson, toJson, type DescMethod, type DescMethodServerStreaming, type DescMethodUnary, type JsonObject, type JsonValue } from '@bufbuild/protobuf'
import type { Transport } from '@connectrpc/connect'
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node'
import { admin, family, health } from '@frontier/controlplane'
import { MemoryBroker, memoryBridge } from '@frontier/mq'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { eventually } from '../support/eventually.js'
import { startGateway, type TestGateway } from '../support/test-gateway.js'

const run = promisify(execFile)
const protos = path.resolve(import.meta.dirname, '../../proto')
const grpcurl = process.env['GRPCURL'] ?? 'grpcurl'
const hasGrpcurl = spawnSync(grpcurl, ['-version']).status === 0
const hasCurl = spawnSync('curl', ['--version']).status === 0
const missing = [...(hasGrpcurl ? [] : ['grpcurl']), ...(hasCurl ? [] : ['curl'])].join(' and ')

const EDGE = 2n ** 63n + 9n
const SERVICE = 2n ** 64n - 2n
const token = 'a-token-for-everybody'
const headers = { authorization: `Bearer ${token}` }
const jsonOptions = { alwaysEmitImplicit: true, useProtoFieldName: true } as const

interface Question {
  method: DescMethod
  message: JsonObject
  /** The same over REST. */
  rest: [method: string, path: string, body?: string]
  /** Puts back what the client before has changed. */
  prepare?: () => Promise<unknown>
  /** Makes happen what a stream tells of. */
  trigger?: () => Promise<unknown>
}

/** Answers a question, as JSON; of a stream the first message. */
type Ask = (question: Question) => Promise<JsonValue>

let gateway: TestGateway
let address: string

const ControlPlane = family.ControlPlane.method
const Admin = admin.Admin.method
const own = (): Transport => createGrpcTransport({ baseUrl: `http://${address}` })

async function call<M extends DescMethodUnary>(method: M, message: JsonObject): Promise<void> {
  await own().unary(method, undefined, undefined, headers, fromJson(method.input, message))
}

const everybodyIsIn = (): Promise<unknown> =>
  eventually('the edge and the service', async () => {
    const { registry } = gateway.frontier
    return (await registry.getEdge(EDGE)) !== undefined && (await registry.getService(SERVICE)) !== undefined
  })

/** Every method of both services, but for Drain, which comes last. */
const questions: Question[] = [
  { method: ControlPlane.listEdges, message: { meta: 'no' }, rest: ['GET', '/v1/edges?meta=no'] },
  { method: ControlPlane.getEdge, message: { edge_id: `${EDGE}` }, rest: ['GET', `/v1/edges/${EDGE}`] },
  { method: ControlPlane.listEdgeRPCs, message: {}, rest: ['GET', '/v1/edges/rpcs'] },
  { method: ControlPlane.listServices, message: { topic: 't' }, rest: ['GET', '/v1/services?topic=t'] },
  { method: ControlPlane.getService, message: { service_id: `${SERVICE}` }, rest: ['GET', `/v1/services/${SERVICE}`] },
  { method: ControlPlane.listServiceRPCs, message: {}, rest: ['GET', '/v1/services/rpcs'] },
  { method: ControlPlane.listServiceTopics, message: {}, rest: ['GET', '/v1/services/topics'] },
  { method: ControlPlane.kickEdge, message: { edge_id: `${EDGE}` }, rest: ['DELETE', `/v1/edges/${EDGE}`] },
  { method: ControlPlane.kickService, message: { service_id: `${SERVICE}` }, rest: ['DELETE', `/v1/services/${SERVICE}`] },
  { method: Admin.listEdges, message: { labels: { site: 'a' }, page_size: 1 }, rest: ['GET', '/v2/edges?labels[site]=a&page_size=1'] },
  { method: Admin.getEdge, message: { edge_id: `${EDGE}` }, rest: ['GET', `/v2/edges/${EDGE}`] },
  { method: Admin.kickEdge, message: { edge_id: `${EDGE}`, reason: 'r' }, rest: ['DELETE', `/v2/edges/${EDGE}?reason=r`] },
  { method: Admin.callEdge, message: { edge_id: `${EDGE}`, method: 'echo', text: 'ä' }, rest: ['POST', `/v2/edges/${EDGE}/call`, '{"method":"echo","text":"ä"}'] },
  { method: Admin.publishEdge, message: { edge_id: `${EDGE}`, data: 'AQI=' }, rest: ['POST', `/v2/edges/${EDGE}/publish`, '{"data":"AQI="}'] },
  { method: Admin.listServices, message: { name: 'al', method: 'm' }, rest: ['GET', '/v2/services?name=al&method=m'] },
  { method: Admin.getService, message: { service_id: `${SERVICE}` }, rest: ['GET', `/v2/services/${SERVICE}`] },
  { method: Admin.kickService, message: { service_id: `${SERVICE}`, reason: 'r' }, rest: ['DELETE', `/v2/services/${SERVICE}?reason=r`] },
  { method: Admin.banEdge, message: { edge_id: '77', duration: '3600s' }, rest: ['PUT', '/v2/bans/77', '{"duration":"3600s"}'] },
  { method: Admin.listBans, message: {}, rest: ['GET', '/v2/bans'] },
  { method: Admin.unbanEdge, message: { edge_id: '77' }, rest: ['DELETE', '/v2/bans/77'], prepare: () => call(Admin.banEdge, { edge_id: '77' }) },
  { method: Admin.banService, message: { name: 'nobody', reason: 'r' }, rest: ['PUT', '/v2/service-bans', '{"name":"nobody","reason":"r"}'] },
  { method: Admin.listServiceBans, message: {}, rest: ['GET', '/v2/service-bans'] },
  { method: Admin.unbanService, message: { name: 'nobody' }, rest: ['DELETE', '/v2/service-bans?name=nobody'], prepare: () => call(Admin.banService, { name: 'nobody' }) },
  { method: Admin.listBridges, message: {}, rest: ['GET', '/v2/bridges'] },
  { method: Admin.getStats, message: {}, rest: ['GET', '/v2/stats'] },
  {
    method: Admin.watchEvents,
    message: { types: ['EVENT_TYPE_ONLINE'], id: '5' },
    rest: ['GET', '/v2/events?types=online&id=5'],
    trigger: async () => (await gateway.edge({ id: 5n, meta: 'five' })).close(),
  },
]

const drain: Question = { method: Admin.drain, message: { timeout: '3600s' }, rest: ['POST', '/v2/drain', '{"timeout":"3600s"}'] }

/** Starts a program that does not end, and waits for what `find` sees in its output. */
async function firstOf(program: string, args: readonly string[], find: (out: string) => JsonValue | undefined): Promise<JsonValue> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  const found = await eventually(`the first message of ${program}`, () => find(out))
  child.kill('SIGKILL')
  return found
}

function parsed(text: string | undefined): JsonValue | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as JsonValue)
  } catch {
    return undefined
  }
}

function grpcurlWith(...flags: string[]): Ask {
  return ({ method, message }) => {
    const name = `${method.parent.typeName}/${method.name}`
    const args = ['-plaintext', '-H', `authorization: Bearer ${token}`, '-emit-defaults', ...flags, '-d', JSON.stringify(message), address, name]
    if (method.methodKind === 'unary') return run(grpcurl, args).then(({ stdout }) => JSON.parse(stdout) as JsonValue)
    return firstOf(grpcurl, args, parsed)
  }
}

const curl: Ask = async ({ method, rest: [verb, target, body] }) => {
  const args = ['-sS', '-g', '-X', verb, '-H', `authorization: Bearer ${token}`, ...(body === undefined ? [] : ['-H', 'content-type: application/json', '-d', body]), `http://${address}${target}`]
  if (method.methodKind === 'unary') return run('curl', args).then(({ stdout }) => JSON.parse(stdout) as JsonValue)
  return firstOf('curl', ['-N', ...args], (out) => parsed(/^data: (.*)\n/m.exec(out)?.[1]))
}

function clientOf(makeTransport: () => Transport): Ask {
  return async ({ method, message }) => {
    const transport = makeTransport()
    const input = fromJson(method.input, message)
    if (method.methodKind === 'unary') {
      return toJson(method.output, (await transport.unary(method as DescMethodUnary, undefined, undefined, headers, input)).message, jsonOptions)
    }
    const abort = new AbortController()
    const answer = await transport.stream(method as DescMethodServerStreaming, abort.signal, undefined, headers, (async function* () {
      yield input
    })())
    for await (const output of answer.message) {
      abort.abort()
      return toJson(method.output, output, jsonOptions)
    }
    throw new Error('the stream ended')
  }
}

const clients: readonly (readonly [name: string, ask: Ask])[] = [
  ['grpcurl with reflection', grpcurlWith()],
  ['grpcurl without reflection', grpcurlWith('-use-reflection=false', '-import-path', protos, '-proto', 'controlplane.proto', '-proto', 'frontier/v1/admin.proto', '-proto', 'grpc/health/v1/health.proto')],
  ['curl', curl],
  ['gRPC', clientOf(own)],
  ['gRPC-Web', clientOf(() => createGrpcWebTransport({ baseUrl: `http://${address}`, httpVersion: '1.1' }))],
  ['Connect', clientOf(() => createConnectTransport({ baseUrl: `http://${address}`, httpVersion: '1.1', useBinaryFormat: false }))],
]

/** What differs from one moment to the next, and between links of one peer. */
const passing = new Set(
  'at since until seq addr online_at generation create_time update_time calls messages answers bytes_in bytes_out ended memory_bytes loop_delay_p50 loop_delay_p99 latency_p50 latency_p99 latency_samples next_cursor'.split(' '),
)

/** The answer with one spelling for everything, and without what passes; that it can be read as the method's output shows that nothing is unknown in it. */
function steady(method: DescMethod, answer: JsonValue): JsonValue {
  const json = toJson(method.output, fromJson(method.output, answer), jsonOptions)
  const walk = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(walk)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).filter(([name]) => !passing.has(name)).map(([name, field]) => [name, walk(field)]))
  }
  return walk(json)
}

async function answerOf(question: Question, ask: Ask): Promise<JsonValue> {
  await question.prepare?.()
  const answering = ask(question)
  if (question.trigger !== undefined) {
    const stats = async (): Promise<bigint> => (await own().unary(Admin.getStats, undefined, undefined, headers, create(Admin.getStats.input))).message.watchers
    await eventually('the watcher', async () => (await stats()) === 1n)
    await question.trigger()
    const answer = await answering
    await eventually('the end of the watcher', async () => (await stats()) === 0n)
    return steady(question.method, answer)
  }
  return steady(question.method, await answering)
}

beforeAll(async () => {
  const tokens = [{ name: 'all', role: 'admin', token }] as const
  gateway = await startGateway({ controlplane: { enable: true, listen: { addr: '127.0.0.1:0' }, auth: { tokens } } })
  await gateway.frontier.exchange.addBridge(memoryBridge(new MemoryBroker(), { name: 'memory', topics: ['t.>'], required: true }))
  address = gateway.frontier.addresses.controlplane!.slice('tcp://'.length)
  const reconnect = { initialDelayMs: 1, maxDelayMs: 10 }
  await gateway.edge({ id: EDGE, meta: 'north', labels: { site: 'a' }, methods: { echo: ({ data }) => data, m: () => '' }, onMessage: () => undefined, reconnect })
  await gateway.service({ id: SERVICE, name: 'alpha', topics: ['t', 'u'], labels: { zone: 'z' }, methods: { m: () => '', slow: () => new Promise(() => undefined) }, reconnect })
})
afterAll(async () => {
  await gateway.frontier.close()
  await gateway[Symbol.asyncDispose]()
})

it('asks every method there is', () => {
  const asked = new Set([...questions, drain].map(({ method }) => method))
  expect([...family.ControlPlane.methods, ...admin.Admin.methods].filter((method) => !asked.has(method))).toEqual([])
})

const isServing: Question = { method: health.Health.method.check, message: {}, rest: ['', ''] }

it.skipIf(missing !== '').each([...questions, drain].map((question) => [`${question.method.parent.typeName}/${question.method.name}`, question] as const))(
  `%s is answered the same, whoever asks${missing === '' ? '' : ` (skipped: no ${missing})`}`,
  async (_, question) => {
    // The gateway drains as long as something is in flight.
    const edge = question === drain ? await gateway.edge() : undefined
    const waiting = edge?.call('slow').catch(() => undefined)
    const answers: [name: string, answer: JsonValue][] = []
    for (const [name, ask] of clients) {
      // A client before may have kicked them.
      if (edge === undefined) await everybodyIsIn()
      answers.push([name, await answerOf(question, ask)])
    }
    expect(answers).toEqual(clients.map(([name]) => [name, answers[0]![1]]))
    expect(answers[0]![1]).toMatchObject(wanted[question.method.name] ?? {})
    if (edge === undefined) return
    expect(await answerOf(isServing, clients[0]![1])).toEqual({ status: 'NOT_SERVING' })
    await gateway.frontier.close()
    await waiting
  },
)

/** A part of what is answered, so that it is not the same nothing everywhere. */
const wanted: Record<string, JsonObject> = {
  CallEdge: { data: 'w6Q=', meta: '' },
  ListBans: { bans: [{ edge_id: '77', by: 'all', reason: '' }] },
  BanService: { closed: '0', ban: { name: 'nobody', service_id: '0', by: 'all', reason: 'r' } },
  GetStats: { edges: '1', services: '1', draining: false },
  ListBridges: { bridges: [{ name: 'memory', topics: ['t.>'], state: 'online', published: '0' }] },
  WatchEvents: { type: 'EVENT_TYPE_ONLINE', role: 'ROLE_EDGE', id: '5', edge: { edge_id: '5', meta_text: 'five' } },
}
