import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { ContextStore, contextNamed } from './context-store.js'

let folder: string
let store: ContextStore

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'frontier-contexts-'))
  store = new ContextStore({ XDG_CONFIG_HOME: folder })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('ContextStore', () => {
  it('is below XDG_CONFIG_HOME when that is absolute, else below ~/.config', () => {
    expect(store.file).toBe(path.join(folder, 'frontier', 'contexts.json'))
    expect(new ContextStore({ HOME: '/home/x' }).file).toBe('/home/x/.config/frontier/contexts.json')
    expect(new ContextStore({ HOME: '/home/x', XDG_CONFIG_HOME: 'relative' }).file).toBe('/home/x/.config/frontier/contexts.json')
  })

  it('has none before there is a file', async () => {
    expect(await store.read()).toEqual({ contexts: {} })
  })

  it('keeps them where only their owner can read, and leaves nothing else there', async () => {
    await mkdir(path.join(folder, 'frontier'), { mode: 0o755 })
    const contexts = { current: 'a', contexts: { a: { address: 'http://h:1', token: 'secret' }, ['__proto__']: { ca: '/x' } } }
    await store.write(contexts)
    expect((await stat(store.file)).mode & 0o777).toBe(0o600)
    expect((await stat(path.dirname(store.file))).mode & 0o777).toBe(0o700)
    expect(await readdir(path.dirname(store.file))).toEqual(['contexts.json'])
    const read = await store.read()
    expect(JSON.stringify(read)).toBe(JSON.stringify(contexts))
    expect(contextNamed(read, '__proto__', 'RECORD_NOT_FOUND')).toEqual({ ca: '/x' })
    expect(() => contextNamed(read, 'constructor', 'RECORD_NOT_FOUND')).toThrow(expect.objectContaining({ code: 'RECORD_NOT_FOUND' }))
  })

  it('does not read what others can', async () => {
    await store.write({ contexts: {} })
    await chmod(store.file, 0o640)
    await expect(store.read()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('chmod 600') })
  })

  it.each(['{', '[]', '{}', '{"contexts":{"a":1}}'])('says that %s is none', async (text) => {
    await store.write({ contexts: {} })
    await writeFile(store.file, text)
    await expect(store.read()).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await readFile(store.file, 'utf8')).toBe(text)
  })
})
