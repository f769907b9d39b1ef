import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { main } from './support/program.js'

// What is not loaded takes no time: each way of using the program loads its own modules and no others.

const recorder = pathToFileURL(path.join(import.meta.dirname, 'support/record-imports.mjs')).href
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'frontier-start-up-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function loadedBy(...args: string[]): Promise<string> {
  const file = path.join(folder, 'loaded')
  await promisify(execFile)(process.execPath, ['--import', recorder, main, ...args], { env: { LOADED: file, HOME: folder } }).catch(() => undefined)
  const loaded = await readFile(file, 'utf8')
  await rm(file)
  return loaded
}

const heavy = /@connectrpc|@bufbuild|node_modules\/zod|node_modules\/yaml|packages\/(gateway|config|exchange|transport|mux|geminio|controlplane|edge|service)\//

describe('loads neither gateway nor client', () => {
  it.each([[['--help']], [['--version']], [['edges', 'ls', '--help']], [['completion', 'bash']], [['context', 'ls']], [['edges', 'get', 'x']]])('%j', async (args) => {
    const loaded = await loadedBy(...args)
    expect(loaded).toContain('dist/main.js')
    expect(loaded.split('\n').filter((url) => heavy.test(url))).toEqual([])
  })
})

it('a command loads no gateway, and no other SDK', async () => {
  const loaded = await loadedBy('stats', '--address', '127.0.0.1:1')
  expect(loaded).toContain('@connectrpc')
  expect(loaded).not.toMatch(/packages\/(gateway|exchange|edge|service|transport)\/|node_modules\/zod|packages\/controlplane\/dist\/(?!api|gen)/)
})

it('a gateway loads no commands', async () => {
  const loaded = await loadedBy('--config', '/no/such/file.yaml')
  expect(loaded).toContain('packages/config/')
  expect(loaded).not.toMatch(/dist\/commands\/|dist\/load\/|@connectrpc/)
})
