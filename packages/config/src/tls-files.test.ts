import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { listenAddress, readListenTls, resolveFrontierConfig, type ConfigInput, type ListenConfig } from './index.js'

const listenOf = (listen: ConfigInput<ListenConfig>): ListenConfig => resolveFrontierConfig({ edgebound: { listen } }).edgebound.listen

describe('listenAddress', () => {
  it.each<[ConfigInput<ListenConfig>, string]>([
    [{}, 'tcp://0.0.0.0:30012'],
    [{ addr: '[::1]:7' }, 'tcp://[::1]:7'],
    [{ addr: ':7', tls: { enable: true, certs: [{ cert: 'a', key: 'b' }] } }, 'tls://:7'],
    [{ network: 'unix', addr: '/run/e.sock' }, 'unix:///run/e.sock'],
    [{ network: 'memory', addr: 'edges' }, 'memory://edges'],
  ])('of %o is %s', (listen, address) => {
    expect(listenAddress(listenOf(listen))).toBe(address)
  })
})

describe('readListenTls', () => {
  let folder: string
  const file = (name: string): string => path.join(folder, name)

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'frontier-tls-'))
    for (const name of ['ca', 'rsa.cert', 'rsa.key', 'ec.cert', 'ec.key']) await writeFile(file(name), name)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const certs = () => [
    { cert: file('rsa.cert'), key: file('rsa.key') },
    { cert: file('ec.cert'), key: file('ec.key') },
  ]
  const texts = (parts: readonly Uint8Array[] | undefined) => parts?.map((part) => new TextDecoder().decode(part))

  it('reads nothing when tls is off', async () => {
    expect(await readListenTls(listenOf({ tls: { certs: [{ cert: '/none', key: '/none' }] } }).tls)).toBeUndefined()
  })

  it('reads certificates and keys in one order', async () => {
    const material = await readListenTls(listenOf({ tls: { enable: true, certs: certs(), ca_certs: [file('ca')] } }).tls)
    expect(texts(material?.cert)).toEqual(['rsa.cert', 'ec.cert'])
    expect(texts(material?.key)).toEqual(['rsa.key', 'ec.key'])
    expect(material?.mtls).toBe(false)
    expect(material?.ca).toBeUndefined()
  })

  it('reads the authorities for mtls', async () => {
    const material = await readListenTls(listenOf({ tls: { enable: true, mtls: true, certs: certs(), ca_certs: [file('ca')] } }).tls)
    expect(material?.mtls).toBe(true)
    expect(texts(material?.ca)).toEqual(['ca'])
  })

  it('names the file that cannot be read', async () => {
    const { tls } = listenOf({ tls: { enable: true, certs: [{ cert: file('rsa.cert'), key: file('gone.key') }] } })
    await expect(readListenTls(tls)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: `cannot read ${file('gone.key')}: there is no such file`,
    })
  })
})
