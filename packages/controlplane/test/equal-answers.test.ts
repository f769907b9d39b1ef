import { fromJson, toJson, type DescMethodUnary, type JsonObject, type JsonValue } from '@bufbuild/protobuf'
import { ConnectError, type Transport } from '@connectrpc/connect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { FrontierError } from '@frontier/wire'

import { ControlPlane } from '../src/gen/controlplane_pb.js'
import { Admin } from '../src/gen/frontier/v1/admin_pb.js'
import { ErrorInfoSchema } from '../src/gen/google/rpc/error_details_pb.js'
import { statusTable } from '../src/status-table.js'
import { protocolNames, testPlane, transportOf, type ProtocolName, type TestPlane } from './test-plane.js'

const BIG = 2n ** 63n + 5n

/** What every protocol is asked; `reset` puts back what a question changed. */
const questions: { method: DescMethodUnary; message: JsonObject; rest: [method: string, path: string, body?: string] }[] = [
  { method: ControlPlane.method.listEdges, message: { meta: 'no' }, rest: ['GET', '/v1/edges?meta=no'] },
  { method: ControlPlane.method.getEdge, message: { edge_id: `${BIG}` }, rest: ['GET', `/v1/edges/${BIG}`] },
  { method: ControlPlane.method.listEdgeRPCs, message: {}, rest: ['GET', '/v1/edges/rpcs'] },
  { method: ControlPlane.method.listServices, message: {}, rest: ['GET', '/v1/services'] },
  { method: ControlPlane.method.getService, message: { service_id: `${BIG + 1n}` }, rest: ['GET', `/v1/services/${BIG + 1n}`] },
  { method: ControlPlane.method.listServiceRPCs, message: {}, rest: ['GET', '/v1/services/rpcs'] },
  { method: ControlPlane.method.listServiceTopics, message: {}, rest: ['GET', '/v1/services/topics'] },
  { method: ControlPlane.method.kickEdge, message: { edge_id: '1' }, rest: ['DELETE', '/v1/edges/1'] },
  { method: ControlPlane.method.kickService, message: { service_id: '3' }, rest: ['DELETE', '/v1/services/3'] },
  { method: Admin.method.listEdges, message: { labels: { site: 'a' } }, rest: ['GET', '/v2/edges?labels[site]=a'] },
  { method: Admin.method.getEdge, message: { edge_id: `${BIG}` }, rest: ['GET', `/v2/edges/${BIG}`] },
  { method: Admin.method.listServices, message: { topic: 't' }, rest: ['GET', '/v2/services?topic=t'] },
  { method: Admin.method.getService, message: { service_id: `${BIG + 1n}` }, rest: ['GET', `/v2/services/${BIG + 1n}`] },
  { method: Admin.method.callEdge, message: { edge_id: `${BIG}`, method: 'm', text: 'ä' }, rest: ['POST', `/v2/edges/${BIG}/call`, '{"method":"m","text":"ä"}'] },
  { method: Admin.method.publishEdge, message: { edge_id: `${BIG}`, data: 'AQI=' }, rest: ['POST', `/v2/edges/${BIG}/publish`, '{"data":"AQI="}'] },
  { method: Admin.method.kickEdge, message: { edge_id: '1', reason: 'r' }, rest: ['DELETE', '/v2/edges/1?reason=r'] },
  { method: Admin.method.kickService, message: { service_id: '3' }, rest: ['DELETE', '/v2/services/3'] },
  { method: Admin.method.listBans, message: {}, rest: ['GET', '/v2/bans'] },
  { method: Admin.method.unbanEdge, message: { edge_id: '77' }, rest: ['DELETE', '/v2/bans/77'] },
  { method: Admin.method.listServiceBans, message: {}, rest: ['GET', '/v2/service-bans'] },
  { method: Admin.method.unbanService, message: { name: 'ü/x' }, rest: ['DELETE', '/v2/service-bans?name=%C3%BC/x'] },
  { method: Admin.method.unbanService, message: { service_id: `${BIG}` }, rest: ['DELETE', `/v2/service-bans?service_id=${BIG}`] },
  { method: Admin.method.listBridges, message: {}, rest: ['GET', '/v2/bridges'] },
  { method: Admin.method.getStats, message: {}, rest: ['GET', '/v2/stats'] },
  { method: Admin.method.drain, message: { timeout: '1.5s' }, rest: ['POST', '/v2/drain', '{"timeout":"1.5s"}'] },
]

/** What every protocol is told when something is wrong. */
const mistakes: { method: DescMethodUnary; message: JsonObject; rest: [method: string, path: string, body?: string]; code: keyof typeof statusTable }[] = [
  { method: ControlPlane.method.getEdge, message: { edge_id: '42' }, rest: ['GET', '/v1/edges/42'], code: 'RECORD_NOT_FOUND' },
  { method: ControlPlane.method.kickEdge, message: { edge_id: '42' }, rest: ['DELETE', '/v1/edges/42'], code: 'EDGE_NOT_ONLINE' },
  { method: ControlPlane.method.kickService, message: { service_id: '42' }, rest: ['DELETE', '/v1/services/42'], code: 'SERVICE_NOT_ONLINE' },
  { method: ControlPlane.method.listEdges, message: { order: 'colour' }, rest: ['GET', '/v1/edges?order=colour'], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.listEdges, message: { page_size: 1001 }, rest: ['GET', '/v2/edges?page_size=1001'], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.listEdges, message: { cursor: 'x' }, rest: ['GET', '/v2/edges?cursor=x'], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.unbanEdge, message: { edge_id: '5' }, rest: ['DELETE', '/v2/bans/5'], code: 'RECORD_NOT_FOUND' },
  { method: Admin.method.banEdge, message: { edge_id: '0' }, rest: ['PUT', '/v2/bans/0', '{}'], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.banEdge, message: { edge_id: '5', duration: '-1s' }, rest: ['PUT', '/v2/bans/5', '{"duration":"-1s"}'], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.banEdge, message: { edge_id: '5', duration: '315576000000s' }, rest: ['PUT', '/v2/bans/5', '{"duration":"315576000000s"}'], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.banService, message: {}, rest: ['PUT', '/v2/service-bans', '{}'], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.banService, message: { name: 'a', service_id: '1' }, rest: ['PUT', '/v2/service-bans', '{"name":"a","service_id":"1"}'], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.unbanService, message: { name: 'nobody' }, rest: ['DELETE', '/v2/service-bans?name=nobody'], code: 'RECORD_NOT_FOUND' },
  { method: Admin.method.unbanService, message: { service_id: '42' }, rest: ['DELETE', '/v2/service-bans?service_id=42'], code: 'RECORD_NOT_FOUND' },
  { method: Admin.method.kickEdge, message: { edge_id: '1', reason: 'r'.repeat(1025) }, rest: ['DELETE', `/v2/edges/1?reason=${'r'.repeat(1025)}`], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.callEdge, message: { edge_id: '42', method: 'm' }, rest: ['POST', '/v2/edges/42/call', '{"method":"m"}'], code: 'EDGE_NOT_ONLINE' },
  { method: Admin.method.callEdge, message: { edge_id: `${BIG}`, method: 'm', timeout: '0s' }, rest: ['POST', `/v2/edges/${BIG}/call`, '{"method":"m","timeout":"0s"}'], code: 'INVALID_ARGUMENT' },
  { method: Admin.method.callEdge, message: { edge_id: `${BIG}`, method: 'boom' }, rest: ['POST', `/v2/edges/${BIG}/call`, '{"method":"boom"}'], code: 'REMOTE_ERROR' },
]

let plane: TestPlane
let transports: Map<ProtocolName, Transport>
beforeAll(async () => {
  plane = await testPlane()
  transports = new Map(protocolNames.map((name) => [name, transportOf(name, plane.url)]))
  plane.backend.onCall = async (_, method, { data, meta }) => {
    if (method === 'boom') throw new FrontierError('REMOTE_ERROR', 'boom', { origin: 'peer', delivered: 'maybe' })
    return { data, meta }
  }
})
afterAll(() => plane[Symbol.asyncDispose]())

function reset(): void {
  const { backend } = plane
  backend.isDraining = false
  backend.addEdge({ edgeId: BIG, meta: 'north', labels: { site: 'a' }, at: 5_000, methods: ['reboot', 'm'] })
  backend.addEdge({ edgeId: 1n, meta: 'south', at: 6_000 })
  backend.addService({ serviceId: BIG + 1n, name: 'alpha', at: 7_000, methods: ['echo'], topics: ['t'] })
  backend.addService({ serviceId: 3n, name: 'beta', at: 8_000 })
  backend.ban({ edgeId: 77n, reason: 'r', by: 'me', since: 1_000, until: undefined })
  backend.banService({ target: { name: 'ü/x' }, reason: 'r', by: 'me', since: 1_000, until: undefined })
  backend.banService({ target: { serviceId: BIG }, reason: '', by: 'me', since: 1_000, until: 5_000 })
}

async function overRest([method, path, body]: [string, string, string?]): Promise<Response> {
  return fetch(plane.url + path, { method, ...(body !== undefined && { body, headers: { 'content-type': 'application/json' } }) })
}

/** What changes from one moment to the next. */
function steady(json: JsonValue): JsonValue {
  return typeof json === 'object' && json !== null && 'start_id' in json ? { ...json, at: '', memory_bytes: '' } : json
}

describe('every method answers the same', () => {
  it.each(questions)('$method.parent.name.$method.name', async ({ method, message, rest }) => {
    reset()
    const answer = await overRest(rest)
    expect(answer.status).toBe(200)
    const wanted = steady((await answer.json()) as JsonValue)
    for (const [name, transport] of transports) {
      reset()
      const input = fromJson(method.input, message)
      const { message: output } = await transport.unary(method, undefined, undefined, undefined, input)
      expect([name, steady(toJson(method.output, output, { alwaysEmitImplicit: true, useProtoFieldName: true }))]).toEqual([name, wanted])
    }
  })

  it('but for BanEdge and BanService, whose answers have the time: they are the same but for it', async () => {
    for (const transport of transports.values()) {
      reset()
      const input = fromJson(Admin.method.banEdge.input, { edge_id: `${BIG}`, duration: '10s' })
      const { message } = await transport.unary(Admin.method.banEdge, undefined, undefined, undefined, input)
      expect(message).toMatchObject({ wasOnline: true, ban: { edgeId: BIG, by: 'anonymous' } })
      expect(message.ban!.until!.seconds - message.ban!.since!.seconds).toBe(10n)
      const banned = await transport.unary(Admin.method.banService, undefined, undefined, undefined, fromJson(Admin.method.banService.input, { name: 'beta', reason: 'x' }))
      expect(banned.message).toMatchObject({ closed: 1n, ban: { serviceId: 0n, name: 'beta', reason: 'x', by: 'anonymous' } })
    }
    reset()
    const answer = await overRest(['PUT', `/v2/bans/${BIG}`, '{"reason":"x"}'])
    expect(await answer.json()).toMatchObject({ was_online: true, ban: { edge_id: `${BIG}`, reason: 'x' } })
    const banned = await overRest(['PUT', '/v2/service-bans', '{"name":"beta","reason":"x"}'])
    expect(await banned.json()).toMatchObject({ closed: '1', ban: { service_id: '0', name: 'beta', reason: 'x', by: 'anonymous' } })
  })
})

describe('every mistake gets its code', () => {
  it.each(mistakes)('$code of $method.name $rest', async ({ method, message, rest, code }) => {
    reset()
    const status = statusTable[code]
    const answer = await overRest(rest)
    const envelope = (await answer.json()) as { code: number; reason: string; message: string; metadata: object }
    expect([answer.status, envelope.code, envelope.reason]).toEqual([status.http, status.http, code])
    for (const [name, transport] of transports) {
      reset()
      const input = fromJson(method.input, message)
      const error = ConnectError.from(await transport.unary(method, undefined, undefined, undefined, input).then(() => undefined, (thrown: unknown) => thrown))
      expect([name, error.code, error.rawMessage]).toEqual([name, status.grpc, envelope.message])
      const [info] = error.findDetails(ErrorInfoSchema)
      expect(info).toMatchObject({ reason: code, domain: 'frontier' })
      if (rest[1].startsWith('/v2')) expect(info!.metadata).toEqual(envelope.metadata)
    }
  })
})

it('the edge gets what it was sent, whatever the protocol', () => {
  expect(new Set(plane.backend.published.map(({ data }) => [...data].join()))).toEqual(new Set(['1,2']))
  expect(plane.backend.published).toHaveLength(protocolNames.length + 1)
  expect(new Set(plane.backend.drains)).toEqual(new Set([1500]))
})
