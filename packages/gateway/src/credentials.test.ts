import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { FrontierError } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { eventually, RawPeer } from '../test/raw-peer.js'
import { testGateway } from '../test/test-gateway.js'
import type { Applicant } from './credentials.js'
import { createFrontier } from './frontier.js'
import { SILENT_LOGGER } from './logger.js'

describe('authenticate', () => {
  it('sees how the peer presents itself, once per link', async () => {
    const seen: Applicant[] = []
    await using gateway = await testGateway({}, { authenticate: (applicant) => void seen.push(applicant) })
    await gateway.edge({ id: 12n, meta: 'm', labels: { a: 'b' }, token: 'secret', agent: 'me 1' })
    await gateway.service({ name: 'echo' })
    const address = expect.stringContaining('memory:') as string
    expect(seen).toEqual([
      { role: 'edge', name: '', token: 'secret', wantedId: 12n, meta: new Uint8Array([109]), labels: { a: 'b' }, agent: 'me 1', address, certificate: undefined },
      { role: 'service', name: 'echo', token: undefined, wantedId: undefined, meta: new Uint8Array(), labels: {}, agent: '', address, certificate: undefined },
    ])
  })

  it('lets in with a promise, too, also one of another library', async () => {
    await using gateway = await testGateway({}, { authenticate: async ({ token }) => ({ subject: token! }) })
    const edge = await gateway.edge({ token: 'anna' })
    expect(gateway.frontier.exchange.edges.get(edge.id)?.identity).toEqual({ subject: 'anna' })
    const foreign = { then: (_yes: unknown, no: (error: unknown) => void) => no(new FrontierError('PERMISSION_DENIED', 'no')) }
    await using strict = await testGateway({}, { authenticate: () => foreign as never })
    expect((await (await strict.knockingEdge()).goodbye()).code).toBe('PERMISSION_DENIED')
  })

  it.each([
    ['at once', () => { throw new FrontierError('PERMISSION_DENIED', 'not you') }],
    ['later', async () => { throw new FrontierError('PERMISSION_DENIED', 'not you') }],
  ])('refuses with the code and text of a FrontierError, thrown %s', async (_when, authenticate) => {
    await using gateway = await testGateway({}, { authenticate })
    expect(await (await gateway.knockingEdge()).goodbye()).toEqual({ code: 'PERMISSION_DENIED', reason: 'not you' })
    expect(await (await gateway.knockingService()).goodbye()).toEqual({ code: 'PERMISSION_DENIED', reason: 'not you' })
    expect(gateway.frontier.counters().refused).toEqual({ PERMISSION_DENIED: 2 })
  })

  it('refuses with UNAUTHENTICATED and no details for any other throw, which is logged', async () => {
    const logged: unknown[] = []
    const logger = { ...SILENT_LOGGER, warn: (fields: unknown) => void logged.push(fields) }
    const authenticate = () => { throw new Error('select password from users: no such table') }
    await using gateway = await testGateway({}, { authenticate, logger })
    expect(await (await gateway.knockingEdge({ token: 'secret' })).goodbye()).toEqual({ code: 'UNAUTHENTICATED', reason: 'the credential was not accepted' })
    expect(logged).toEqual([{ error: expect.objectContaining({ message: 'select password from users: no such table' }) }])
  })

  it('refuses with TIMEOUT when it does not settle', async () => {
    await using gateway = await testGateway({}, { authenticate: () => new Promise(() => undefined), hookTimeoutMs: 50 })
    expect((await (await gateway.knockingEdge()).goodbye()).code).toBe('TIMEOUT')
  })

  it('that says yes when the edge has left lets nobody in', async () => {
    let letIn: (() => void) | undefined
    await using gateway = await testGateway({}, { authenticate: () => new Promise((resolve) => (letIn = () => resolve(undefined))) })
    const edge = await gateway.knockingEdge()
    await eventually(() => letIn !== undefined)
    edge.pipe.destroy()
    await eventually(() => gateway.frontier.counters().refused['EOF'] === 1)
    letIn!()
    await new Promise((resolve) => setImmediate(resolve))
    expect(gateway.frontier.registry.edgeCount).toBe(0)
  })
})

describe('secrets', () => {
  it('are never logged: tokens, resume tokens, the resume key', async () => {
    const logged: string[] = []
    const log = (...entry: unknown[]) => void logged.push(JSON.stringify(entry))
    const logger = { debug: log, info: log, warn: log, error: log }
    await using gateway = await testGateway({ exchange: { resume_key: 'a very secret key' } }, { logger })
    const edge = await gateway.edge({ id: 12n, token: 'a very secret token' })
    await (await gateway.knockingEdge({ id: 12n, token: 'a very secret token', resume: 'a forged one' })).goodbye()
    edge.pipe.destroy()
    await eventually(() => logged.some((line) => line.includes('a link ended')))
    expect(logged.join()).not.toContain('secret')
    expect(logged.join()).not.toContain(edge.welcome.resume)
    expect(logged.join()).not.toContain('forged')
  })
})

describe('client certificates', () => {
  it('are the identity of the peer, and a right to its id', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'frontier-tls-'))
    try {
      const file = (name: string): string => join(dir, name)
      const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
      const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
      openssl('req', '-x509', ...ec, '-subj', '/CN=gateway', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('gateway.key'), '-out', file('gateway.crt'))
      for (const name of ['anna', 'bert']) openssl('req', '-x509', ...ec, '-subj', `/CN=${name}`, '-keyout', file(`${name}.key`), '-out', file(`${name}.crt`))
      execFileSync('sh', ['-c', 'cat anna.crt bert.crt > ca.crt'], { cwd: dir })
      const tls = { enable: true, mtls: true, ca_certs: [file('ca.crt')], certs: [{ cert: file('gateway.crt'), key: file('gateway.key') }] }
      await using frontier = await createFrontier({
        edgebound: { listen: { addr: '127.0.0.1:0', tls } },
        servicebound: { listen: { addr: '127.0.0.1:0' } },
      })
      const knock = async (name: string): Promise<RawPeer> => {
        const read = (ending: string) => readFileSync(file(`${name}.${ending}`))
        const edge = await RawPeer.dial(frontier.addresses.edgebound, { ca: readFileSync(file('gateway.crt')), cert: read('crt'), key: read('key') })
        edge.hello({ id: 12n })
        return edge
      }
      const first = await knock('anna')
      await first.welcomed()
      expect(frontier.exchange.edges.get(12n)?.identity).toEqual({ subject: 'CN=anna' })
      expect((await (await knock('bert')).goodbye()).code).toBe('ILLEGAL_EDGE_ID')
      const second = await knock('anna')
      await second.welcomed()
      expect((await first.goodbye()).code).toBe('REPLACED')
      second.pipe.destroy()
    } finally {
      rmSync(dir, { recursive: true })
    }
  })
})
