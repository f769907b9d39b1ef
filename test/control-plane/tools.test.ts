// The control plane, asked with the tools of others: grpcurl with and without reflection, and curl.
import { execFile, spawnSync } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startGateway, type TestGateway } from '../support/test-gateway.js'

const run = promisify(execFile)
const protos = path.resolve(import.meta.dirname, '../../proto')
const grpcurl = process.env['GRPCURL'] ?? 'grpcurl'
const token = 'a-token-for-the-tools'

function isThere(program: string, flag: string): boolean {
  return spawnSync(program, [flag]).status === 0
}

const noGrpcurl = isThere(grpcurl, '-version') ? '' : ' (skipped: no grpcurl on the PATH or in GRPCURL; go install github.com/fullstorydev/grpcurl/cmd/grpcurl@latest)'
const noCurl = isThere('curl', '--version') ? '' : ' (skipped: no curl on the PATH)'

let gateway: TestGateway
let address: string
beforeAll(async () => {
  const tokens = [{ name: 'tools', role: 'admin', token }] as const
  gateway = await startGateway({ controlplane: { enable: true, listen: { addr: '127.0.0.1:0' }, auth: { tokens } } })
  address = gateway.frontier.addresses.controlplane!.slice('tcp://'.length)
  await gateway.edge({ id: 2n ** 63n + 9n, meta: 'north', labels: { site: 'a' }, methods: { echo: ({ data }) => data } })
  await gateway.service({ name: 'alpha', topics: ['t'], methods: { m: () => '' } })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const bigId = String(2n ** 63n + 9n)

/** What grpcurl prints, read as JSON. */
async function call(method: string, message: object, ...flags: string[]): Promise<unknown> {
  const { stdout } = await run(grpcurl, ['-plaintext', '-H', `authorization: Bearer ${token}`, '-emit-defaults', ...flags, '-d', JSON.stringify(message), address, method])
  return JSON.parse(stdout)
}

const withoutReflection = ['-use-reflection=false', '-import-path', protos, '-proto', 'controlplane.proto', '-proto', 'frontier/v1/admin.proto', '-proto', 'grpc/health/v1/health.proto']

describe.skipIf(noGrpcurl !== '')(`grpcurl${noGrpcurl}`, () => {
  it('lists and describes by reflection, without a token', async () => {
    const { stdout } = await run(grpcurl, ['-plaintext', address, 'list'])
    expect(stdout.trim().split('\n')).toEqual([
      'controlplane.ControlPlane',
      'frontier.v1.Admin',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
    ])
    const described = await run(grpcurl, ['-plaintext', address, 'describe', 'controlplane.ControlPlane.ListEdges'])
    expect(described.stdout).toContain('option (.google.api.http) = { get: "/v1/edges" };')
  })

  describe.each([
    ['with reflection', []],
    ['without reflection', withoutReflection],
  ])('%s', (_, flags) => {
    it.each([
      ['controlplane.ControlPlane/ListEdges', { meta: 'no' }, { edges: [{ edge_id: bigId, meta: 'north' }], count: 1 }],
      ['controlplane.ControlPlane/GetEdge', { edge_id: bigId }, { edge_id: bigId }],
      ['controlplane.ControlPlane/ListEdgeRPCs', {}, { rpcs: ['echo'], count: 1 }],
      ['controlplane.ControlPlane/ListServices', { topic: 't' }, { services: [{ service: 'alpha' }], count: 1 }],
      ['controlplane.ControlPlane/ListServiceRPCs', {}, { rpcs: ['m'], count: 1 }],
      ['controlplane.ControlPlane/ListServiceTopics', {}, { topics: ['t'], count: 1 }],
      ['frontier.v1.Admin/ListEdges', { labels: { site: 'a' } }, { edges: [{ edgeId: bigId, labels: { site: 'a' }, methods: ['echo'] }], nextCursor: '', count: '1' }],
      ['frontier.v1.Admin/CallEdge', { edge_id: bigId, method: 'echo', text: 'hi' }, { data: 'aGk=' }],
      ['frontier.v1.Admin/BanEdge', { edge_id: '5', duration: '60s' }, { ban: { edgeId: '5', by: 'tools' }, wasOnline: false }],
      ['frontier.v1.Admin/ListBans', {}, { bans: [{ edgeId: '5' }] }],
      ['frontier.v1.Admin/UnbanEdge', { edge_id: '5' }, {}],
      ['frontier.v1.Admin/BanService', { name: 'beta' }, { ban: { name: 'beta', by: 'tools' }, closed: '0' }],
      ['frontier.v1.Admin/ListServiceBans', {}, { bans: [{ name: 'beta' }] }],
      ['frontier.v1.Admin/UnbanService', { name: 'beta' }, {}],
      ['frontier.v1.Admin/ListBridges', {}, { bridges: [] }],
      ['frontier.v1.Admin/GetStats', {}, { edges: '1', services: '1', draining: false }],
      ['grpc.health.v1.Health/Check', {}, { status: 'SERVING' }],
    ])('%s %j', async (method, message, wanted) => {
      expect(await call(method, message, ...flags)).toMatchObject(wanted)
    })

    it('tells errors with their code', async () => {
      const failed = await call('frontier.v1.Admin/KickEdge', { edge_id: '404' }, ...flags).catch((error: unknown) => (error as { stderr: string }).stderr)
      expect(failed).toMatch(/Code: NotFound\s+Message: edge 404 is not online/)
    })
  })

  it('reads the details of an error', async () => {
    const details = ['-import-path', protos, '-proto', 'google/rpc/error_details.proto', ...withoutReflection]
    const failed = await call('controlplane.ControlPlane/KickService', { service_id: '404' }, ...details).catch((error: unknown) => (error as { stderr: string }).stderr)
    expect(failed).toMatch(/google\.rpc\.ErrorInfo[^]*SERVICE_NOT_ONLINE/)
  })

  it('is refused without a token', async () => {
    const refused = run(grpcurl, ['-plaintext', address, 'controlplane.ControlPlane/ListEdges'])
    await expect(refused).rejects.toThrow('Code: Unauthenticated')
  })
})

describe.skipIf(noCurl !== '')(`curl${noCurl}`, () => {
  const curl = async (...args: string[]): Promise<string> => (await run('curl', ['-sS', '-H', `authorization: Bearer ${token}`, ...args])).stdout

  it('lists, calls, and is told what is wrong', async () => {
    expect(JSON.parse(await curl(`http://${address}/v1/edges?meta=north`))).toMatchObject({ edges: [{ edge_id: bigId }], count: 1 })
    expect(JSON.parse(await curl('-d', '{"method":"echo","text":"hi"}', '-H', 'content-type: application/json', `http://${address}/v2/edges/${bigId}/call`))).toEqual({ data: 'aGk=', meta: '' })
    expect(await curl('-o', '/dev/null', '-w', '%{http_code}', '-X', 'DELETE', `http://${address}/v1/edges/404`)).toBe('404')
    expect(await curl('-o', '/dev/null', '-w', '%{http_code}', '-I', `http://${address}/v1/edges`)).toBe('200')
  })

  it('speaks Connect, and HTTP/2 in clear', async () => {
    const connect = ['-d', '{}', '-H', 'content-type: application/json', `http://${address}/controlplane.ControlPlane/ListEdges`]
    expect(JSON.parse(await curl(...connect))).toMatchObject({ count: 1 })
    const hasHttp2 = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout.includes('HTTP2')
    if (hasHttp2) expect(await curl('--http2-prior-knowledge', '-o', '/dev/null', '-w', '%{http_version} %{http_code}', ...connect)).toBe('2 200')
  })
})
