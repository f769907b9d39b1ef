import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { connectEdge, json } from '@frontier/edge'
import { createFrontier, type Frontier } from '@frontier/gateway'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const MIB = 1024 * 1024

let frontier: Frontier
let folder: string
let shelf: ChildProcess

function start(...args: string[]): ChildProcess {
  const gateway = ['--edges', frontier.addresses.edgebound, '--services', frontier.addresses.servicebound]
  return spawn(process.execPath, [main, ...gateway, ...args], { cwd: path.join(folder, 'desk'), stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Runs the compiled program to its end, in the folder of the edge. */
async function run(...args: string[]): Promise<{ code: number; error: string }> {
  const child = start(...args)
  let error = ''
  child.stderr?.on('data', (chunk: Buffer) => (error += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  return { code, error }
}

async function checksum(...names: string[]): Promise<string> {
  return createHash('sha256').update(await readFile(path.join(folder, ...names))).digest('hex')
}

beforeAll(async () => {
  const listen = { addr: '127.0.0.1:0' }
  frontier = await createFrontier({ edgebound: { listen }, servicebound: { listen } })
  folder = await mkdtemp(path.join(tmpdir(), 'frontier-files-'))
  await mkdir(path.join(folder, 'desk'))
  shelf = start('shelf', path.join(folder, 'shelf'))
  await once(shelf.stdout!, 'data')
})

afterAll(async () => {
  shelf.kill('SIGINT')
  await once(shelf, 'close')
  await frontier.close()
  await rm(folder, { recursive: true, force: true })
})

describe('file transfer', { timeout: 60_000 }, () => {
  it.each([
    ['of some MiB', 20 * MIB + 7],
    ['of one byte', 1],
    ['that is empty', 0],
  ])('carries a file %s there and back unchanged', async (_what, size) => {
    const name = `file-${size}`
    await writeFile(path.join(folder, 'desk', name), randomBytes(size))
    const put = await run('put', name)
    expect(put.code, put.error).toBe(0)
    expect(put.error).toMatch(/^put file-\d+ {2}\[#{30}\] 100 %/)
    const get = await run('get', name, 'copy')
    expect(get.code, get.error).toBe(0)
    const original = await checksum('desk', name)
    expect(await checksum('shelf', name)).toBe(original)
    expect(await checksum('desk', 'copy')).toBe(original)
  })

  it('refuses a name that leaves the folder, and makes no file of it', async () => {
    await writeFile(path.join(folder, 'secret'), 'not for everybody')
    const get = await run('get', '../secret', 'stolen')
    expect(get).toEqual({ code: 1, error: expect.stringMatching(/^file-transfer: INVALID_ARGUMENT: .*without a folder\n$/) as string })
    expect(await readdir(path.join(folder, 'desk'))).not.toContain('stolen')
  })

  it.each(['..', '.', '', 'a/b', '/etc/passwd', 7, null])('refuses to put a file named %j', async (name) => {
    await using edge = await connectEdge(frontier.addresses.edgebound)
    await expect(edge.openStream('shelf', { meta: json({ action: 'put', name }) })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', origin: 'peer' })
  })

  it('says that a file is not there, and leaves the old copy alone', async () => {
    await writeFile(path.join(folder, 'desk', 'kept'), 'as it was')
    const get = await run('get', 'nothing', 'kept')
    expect(get).toEqual({ code: 1, error: 'file-transfer: RECORD_NOT_FOUND: there is no nothing on the shelf\n' })
    expect(await readFile(path.join(folder, 'desk', 'kept'), 'utf8')).toBe('as it was')
  })

  it('puts nothing on the shelf of an upload that breaks off', async () => {
    const edge = await connectEdge(frontier.addresses.edgebound)
    const stream = await edge.openStream('shelf', { meta: json({ action: 'put', name: 'half' }) })
    await stream.write(randomBytes(MIB))
    const onShelf = (): Promise<string[]> => readdir(path.join(folder, 'shelf'))
    await expect.poll(onShelf, { timeout: 10_000 }).toContainEqual(expect.stringMatching(/^half\..*part$/))
    edge.abort()
    await expect.poll(onShelf, { timeout: 10_000 }).not.toContainEqual(expect.stringContaining('half'))
  })

  it('says how it is used', async () => {
    expect(await run('put')).toEqual({ code: 1, error: 'file-transfer: usage: shelf FOLDER | put FILE | get NAME [FILE]\n' })
  })
})
