import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { commandTable } from '../command-table.js'
import { connectionOf, urlOf, type Connection } from './connection.js'
import { ContextStore } from './context-store.js'
import { parseCommand } from './parse-command.js'

let folder: string
let store: ContextStore

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'frontier-connection-'))
  store = new ContextStore({ XDG_CONFIG_HOME: folder })
  await writeFile(path.join(folder, 'ca.pem'), 'CA')
  await writeFile(path.join(folder, 'token'), 'of-a-file\n')
  await store.write({
    current: 'one',
    contexts: { one: { address: 'http://one:1', token: 'first' }, two: { address: 'https://two:2', ca: path.join(folder, 'ca.pem') } },
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function connection(args: string[], env: Record<string, string> = {}): Promise<Connection> {
  const request = parseCommand(commandTable, ['stats', ...args])
  if (request.kind !== 'run') throw new Error('help')
  return connectionOf(request.input, env, store, async () => Buffer.from(' of-stdin '))
}

describe('urlOf', () => {
  it.each([
    ['host', false, 'http://host:30010'],
    ['host:1', false, 'http://host:1'],
    ['host:1', true, 'https://host:1'],
    ['tcp://host:1', false, 'http://host:1'],
    ['tls://host', false, 'https://host:30010'],
    ['https://host/', false, 'https://host:30010'],
    ['http://host:80/', false, 'http://host:80'],
    ['[::1]:5', false, 'http://[::1]:5'],
    ['unix:///run/frontier.sock', false, 'unix:///run/frontier.sock'],
  ])('%s', (address, isSecure, url) => {
    expect(urlOf(address, isSecure)).toBe(url)
  })

  it.each(['', 'ftp://host', 'http://user:secret@host', 'http://host/path', 'http://host?x', 'http://', 'a b', 'host:99999', 'unix://'])('refuses %j', (address) => {
    expect(() => urlOf(address, false)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})

describe('connectionOf', () => {
  it('takes the current context, the one of the environment, the one of the flag', async () => {
    expect(await connection([])).toMatchObject({ url: 'http://one:1', token: 'first', timeoutMs: 10_000 })
    expect(await connection([], { FRONTIER_CONTEXT: 'two' })).toMatchObject({ url: 'https://two:2', token: undefined, tls: { ca: 'CA' } })
    expect(await connection(['--context', 'one'], { FRONTIER_CONTEXT: 'two' })).toMatchObject({ url: 'http://one:1' })
    expect(await connection([], { FRONTIER_CONTEXT: '' })).toMatchObject({ url: 'http://one:1' })
  })

  it('puts flags above it, one by one', async () => {
    expect(await connection(['--address', 'other:9'])).toMatchObject({ url: 'http://other:9', token: 'first' })
    expect(await connection(['--token', 'mine', '--timeout', '2s'])).toMatchObject({ url: 'http://one:1', token: 'mine', timeoutMs: 2000 })
    expect(await connection(['--token-file', path.join(folder, 'token')])).toMatchObject({ token: 'of-a-file' })
    expect(await connection(['--token-file', '-'])).toMatchObject({ token: 'of-stdin' })
  })

  it.each([
    [['--context', 'three'], 'there is no context "three"; see frontier context ls'],
    [['--token', 'a', '--token-file', 'b'], '--token and --token-file exclude each other'],
    [['--cert', 'a'], '--cert and --key go together'],
    [['--ca', '/no/such.pem'], '--ca: cannot read /no/such.pem: there is no such file'],
  ])('refuses %j', async (args, reason) => {
    await expect(connection(args)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason })
  })
})
