import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { createClient } from '@connectrpc/connect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Health } from '../src/gen/grpc/health/v1/health_pb.js'
import { clientsOf, protocolNames, testPlane, transportOf, type TestPlane } from './test-plane.js'

const tokens = [
  { name: 'olga', role: 'admin', token: 'olga-has-this-token' },
  { name: 'dashboard', role: 'read', token: 'the-dashboard-has-that' },
] as const

const bearer = (token: string): { headers: Record<string, string> } => ({ headers: { authorization: `Bearer ${token}` } })

describe('bearer tokens', () => {
  let plane: TestPlane
  let folder: string
  const logged: Record<string, unknown>[] = []
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'frontier-audit-'))
    const note = (fields: Record<string, unknown>): void => void logged.push(fields)
    const logger = { debug() {}, info: note, warn() {}, error: note }
    plane = await testPlane({ tokens, auditFile: path.join(folder, 'audit.jsonl'), logger })
    plane.backend.addEdge({ edgeId: 7n })
  })
  afterAll(async () => {
    await plane[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  describe.each(protocolNames)('%s', (protocol) => {
    it('lets nobody in without one', async () => {
      const { family, admin } = clientsOf(protocol, plane.url)
      await expect(family.listEdges({})).rejects.toMatchObject({ code: 16 })
      await expect(family.listEdges({}, bearer('olga-has-this-tokem'))).rejects.toMatchObject({ code: 16 })
      await expect(family.listEdges({}, { headers: { authorization: 'Basic olga-has-this-token' } })).rejects.toMatchObject({ code: 16 })
      await expect(admin.watchEvents({})[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 16 })
    })

    it('lets a reader look, and nothing else', async () => {
      const { family, admin } = clientsOf(protocol, plane.url)
      expect((await family.listEdges({}, bearer(tokens[1].token))).count).toBe(1)
      await expect(family.kickEdge({ edgeId: 7n }, bearer(tokens[1].token))).rejects.toMatchObject({ code: 7 })
      await expect(admin.drain({}, bearer(tokens[1].token))).rejects.toMatchObject({ code: 7 })
    })

    it('lets an admin do all', async () => {
      const { admin } = clientsOf(protocol, plane.url)
      await admin.callEdge({ edgeId: 7n, method: 'm' }, bearer(tokens[0].token))
    })

    it('tells everybody about health', async () => {
      expect(await createClient(Health, transportOf(protocol, plane.url)).check({})).toMatchObject({ status: 1 })
    })
  })

  it('REST is the same', async () => {
    const missing = await fetch(`${plane.url}/v1/edges`)
    expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(await missing.json()).toMatchObject({ code: 401, reason: 'UNAUTHENTICATED' })
    const reading = await fetch(`${plane.url}/v1/edges/7`, { method: 'DELETE', ...bearer(tokens[1].token) })
    expect([reading.status, await reading.json()]).toMatchObject([403, { reason: 'PERMISSION_DENIED' }])
    expect((await fetch(`${plane.url}/v2/events`)).status).toBe(401)
    for (const page of ['/openapi.json', '/docs']) expect((await fetch(plane.url + page)).status).toBe(200)
  })

  it('writes down who changed what, and who was not let', async () => {
    await fetch(`${plane.url}/v2/edges/404?reason=gone`, { method: 'DELETE', ...bearer(tokens[0].token) })
    const { admin } = clientsOf('grpc', plane.url)
    await admin.banEdge({ edgeId: 9n, duration: { seconds: 60n } }, bearer(tokens[0].token))
    await admin.callEdge({ edgeId: 7n, method: 'secret-method', content: { case: 'text', value: 'secret payload' } }, bearer(tokens[0].token))
    await fetch(`${plane.url}/v2/bans/9`, { method: 'DELETE' })
    await fetch(`${plane.url}/v2/bans/9`, { method: 'DELETE', ...bearer(tokens[1].token) })
    await admin.unbanEdge({ edgeId: 9n }, bearer(tokens[1].token)).catch(() => undefined)
    const file = path.join(folder, 'audit.jsonl')
    const records = (await readFile(file, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(records.slice(-6)).toMatchObject([
      { who: 'olga', role: 'admin', protocol: 'rest', method: 'frontier.v1.Admin/KickEdge', target: { edge_id: '404', reason: 'gone' }, result: 'EDGE_NOT_ONLINE' },
      { who: 'olga', protocol: 'grpc', method: 'frontier.v1.Admin/BanEdge', target: { edge_id: '9', duration: '60s' }, result: 'OK' },
      { who: 'olga', method: 'frontier.v1.Admin/CallEdge', target: { edge_id: '7', method: 'secret-method' }, result: 'OK' },
      { who: '', role: '', protocol: 'rest', method: 'frontier.v1.Admin/UnbanEdge', target: { edge_id: '9' }, result: 'UNAUTHENTICATED' },
      { who: 'dashboard', role: 'read', protocol: 'rest', method: 'frontier.v1.Admin/UnbanEdge', target: { edge_id: '9' }, result: 'PERMISSION_DENIED' },
      { who: 'dashboard', role: 'read', protocol: 'grpc', method: 'frontier.v1.Admin/UnbanEdge', target: { edge_id: '9' }, result: 'PERMISSION_DENIED' },
    ])
    expect(logged).toContainEqual(expect.objectContaining({ method: 'frontier.v1.Admin/CallEdge', target_method: 'secret-method', edge_id: '7' }))
    expect(records.at(-1)).toMatchObject({ address: expect.stringMatching(/^127\.0\.0\.1:\d+$/), at: expect.stringMatching(/^20\d\d-.*Z$/) })
    expect(records.some(({ result }) => result === 'PERMISSION_DENIED')).toBe(true)
    expect(JSON.stringify(records)).not.toContain('secret payload')
    expect(JSON.stringify([records, logged])).not.toContain(tokens[0].token)
    expect(logged.length).toBeGreaterThanOrEqual(records.length)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  it('goes on when the audit log can no longer be written', async () => {
    const before = logged.length
    await rm(folder, { recursive: true })
    const answer = await fetch(`${plane.url}/v2/edges/404`, { method: 'DELETE', ...bearer(tokens[0].token) })
    expect(answer.status).toBe(404)
    expect(logged.slice(before).some(({ error }) => error !== undefined)).toBe(true)
    folder = await mkdtemp(path.join(tmpdir(), 'frontier-audit-'))
  })
})

it('does not open with an audit log that cannot be written', async () => {
  await expect(testPlane({ auditFile: '/no/such/folder/audit.jsonl' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
})

describe('an open port', () => {
  it('takes no changes from pages of other origins', async () => {
    await using plane = await testPlane()
    plane.backend.addEdge({ edgeId: 7n })
    const send = async (origin: string): Promise<number> =>
      (await fetch(`${plane.url}/v2/edges/7/call`, { method: 'POST', headers: { origin, 'content-type': 'application/json' }, body: '{"method":"m"}' })).status
    expect(await send('https://evil.example')).toBe(403)
    expect(await send('null')).toBe(403)
    // A name that its owner has lead here: the page and the port are of one origin then.
    for (const path of ['/v2/edges/7/call', '/frontier.v1.Admin/CallEdge']) {
      const status = await new Promise<number>((resolve) => {
        const headers = { host: `evil.example:${plane.port}`, origin: `http://evil.example:${plane.port}`, 'content-type': 'application/json' }
        request({ port: plane.port, host: '127.0.0.1', method: 'POST', path, headers }, (answer) => resolve(answer.resume().statusCode!)).end('{"edge_id":"7","method":"m"}')
      })
      expect([path, status]).toEqual([path, 403])
    }
    expect(await send(plane.url)).toBe(200)
    const simple = await fetch(`${plane.url}/v2/drain`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: '{}' })
    expect(simple.status).toBe(415)
    expect(plane.backend.drains).toEqual([])
  })
})
