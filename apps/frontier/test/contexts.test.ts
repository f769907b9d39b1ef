import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { generate } from 'selfsigned'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { startGateway } from './support/gateway.js'
import { Program, type Ending } from './support/program.js'

let folder: string
const frontier = (args: string[], env: Record<string, string> = {}, stdin?: string): Promise<Ending> =>
  new Program(args, { env: { XDG_CONFIG_HOME: folder, ...env }, ...(stdin === undefined ? {} : { stdin }) }).ended

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'frontier-contexts-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('contexts', () => {
  it('are added, listed, used and forgotten, for their owner alone', async () => {
    expect(await frontier(['context', 'add', 'one', '--address', 'one:1', '--token', 'secret-one'])).toMatchObject({
      exitCode: 0,
      out: 'added context one, which is the current one\n',
    })
    expect((await frontier(['context', 'add', 'two', '--address', 'https://two', '--token-file', '-'], {}, 'secret-two\n')).out).toBe('added context two\n')
    const file = path.join(folder, 'frontier', 'contexts.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700)
    expect(JSON.parse(await readFile(file, 'utf8')).contexts.two).toEqual({ address: 'https://two:30010', token: 'secret-two' })
    expect((await frontier(['context', 'use', 'two'])).exitCode).toBe(0)
    const { out } = await frontier(['context', 'ls'])
    expect(out).toMatch(/^CURRENT +NAME +ADDRESS +TOKEN +TLS FILES\n +one +http:\/\/one:1 +yes +-\n\* +two +https:\/\/two:30010 +yes +-\n$/)
    const json = (await frontier(['context', 'ls', '--json'])).out
    expect(JSON.parse(json)).toEqual({
      contexts: [
        { name: 'one', current: false, address: 'http://one:1', has_token: true },
        { name: 'two', current: true, address: 'https://two:30010', has_token: true },
      ],
    })
    expect(out + json).not.toContain('secret')
    expect((await frontier(['context', 'rm', 'two'])).exitCode).toBe(0)
    expect((await frontier(['context', 'ls', '--names'])).out).toBe('one\n')
    expect(await readFile(file, 'utf8')).not.toContain('secret-two')
  })

  it.each([
    [['context', 'use', 'nope'], 3, 'RECORD_NOT_FOUND'],
    [['context', 'rm', 'nope'], 3, 'RECORD_NOT_FOUND'],
    [['stats', '--context', 'nope'], 2, 'INVALID_ARGUMENT'],
    [['context', 'add', '../x'], 2, 'is no name'],
    [['context', 'add', 'x', '--address', 'ftp://x'], 2, 'is no address'],
    [['context', 'add', 'x', '--cert', 'a'], 2, 'go together'],
  ])('%j: %d', async (args, exitCode, text) => {
    expect(await frontier(args)).toMatchObject({ exitCode, error: expect.stringContaining(text) })
  })

  it('are not replaced unless told to', async () => {
    await frontier(['context', 'add', 'x', '--address', 'a:1'])
    expect(await frontier(['context', 'add', 'x', '--address', 'b:1'])).toMatchObject({ exitCode: 2, error: expect.stringContaining('--replace') })
    expect((await frontier(['context', 'add', 'x', '--address', 'b:1', '--replace'])).exitCode).toBe(0)
  })

  it('lead to a gateway with a token', async () => {
    const token = 'a-token-of-some-length'
    await using gateway = await startGateway([`auth: { tokens: [{ name: a, role: admin, token: ${token} }] }`])
    await frontier(['context', 'add', 'wrong', '--address', gateway.controlplane, '--token', 'wrong'])
    await frontier(['context', 'add', 'right', '--address', gateway.controlplane, '--token', token])
    expect((await frontier(['stats'])).exitCode).toBe(4)
    expect((await frontier(['stats', '--context', 'right'])).exitCode).toBe(0)
    expect((await frontier(['--context=right', 'stats'], { FRONTIER_CONTEXT: 'wrong' })).exitCode).toBe(0)
    expect((await frontier(['stats'], { FRONTIER_CONTEXT: 'right' })).exitCode).toBe(0)
    expect((await frontier(['stats', '--token', token])).exitCode).toBe(0)
    expect((await frontier(['stats', '--context', 'right', '--address', 'http://127.0.0.1:1'])).exitCode).toBe(5)
  })

  it('lead to a gateway behind a socket file', async () => {
    const socket = path.join(folder, 'control.sock')
    await using gateway = await startGateway([`listen: { network: unix, addr: ${socket} }`], { hasListen: true })
    expect(gateway.controlplane).toBe(`unix://${socket}`)
    await frontier(['context', 'add', 'local', '--address', gateway.controlplane])
    expect(await frontier(['stats', '--json'])).toMatchObject({ exitCode: 0, error: '' })
    expect(await frontier(['stats', '--address', `unix://${socket}.gone`])).toMatchObject({ exitCode: 5 })
  })

  it('lead to a gateway with TLS and client certificates', async () => {
    const ca = await generate([{ name: 'commonName', value: 'ca' }], { extensions: [{ name: 'basicConstraints', cA: true, critical: true }] })
    const signed = (name: string, extensions: Parameters<typeof generate>[1] = {}) =>
      generate([{ name: 'commonName', value: name }], { ca: { key: ca.private, cert: ca.cert }, ...extensions })
    const server = await signed('server', { extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }] })
    const client = await signed('operator')
    const file = (name: string): string => path.join(folder, name)
    const files = { 'ca.pem': ca.cert, 'server.pem': server.cert, 'server.key': server.private, 'client.pem': client.cert, 'client.key': client.private }
    for (const [name, text] of Object.entries(files)) await writeFile(file(name), text)
    const listen = `listen: { addr: "127.0.0.1:0", tls: { enable: true, mtls: true, ca_certs: [${file('ca.pem')}], certs: [{ cert: ${file('server.pem')}, key: ${file('server.key')} }] } }`
    await using gateway = await startGateway([listen, 'auth: { certificates: [{ name: o, role: admin, subject: CN=operator }] }'], { hasListen: true })
    expect(gateway.controlplane).toMatch(/^https:/)
    const identity = ['--cert', file('client.pem'), '--key', file('client.key')]
    expect((await frontier(['context', 'add', 'tls', '--address', gateway.controlplane, '--ca', file('ca.pem'), ...identity])).exitCode).toBe(0)
    expect(await frontier(['stats', '--json'])).toMatchObject({ exitCode: 0, error: '' })
    expect(await frontier(['stats', '--address', gateway.controlplane, '--context', 'tls', '--ca', file('client.pem')])).toMatchObject({
      exitCode: 5,
      error: expect.stringContaining('its certificate is not trusted'),
    })
    expect(await new Program(['stats', '--address', gateway.controlplane, '--ca', file('ca.pem')]).ended).toMatchObject({ exitCode: 5 })
    expect((await frontier(['context', 'ls'])).out).toContain('ca.pem,client.pem,client.key')
  })
})
