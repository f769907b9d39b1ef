import { randomBytes } from 'node:crypto'

import kafkajs from 'kafkajs'
import { describe, expect, it, vi } from 'vitest'

import { loadCompression, loadDecompression } from './kafka-codecs.js'

type Codecs = Record<number, () => { compress(encoder: { buffer: Buffer }): Promise<Buffer>; decompress(buffer: Buffer): Promise<Buffer> }>
const codecs = kafkajs.CompressionCodecs as Codecs
const wireTypes = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const
const data = Buffer.concat([Buffer.from('again '.repeat(1_000)), randomBytes(100)])

describe('loadCompression', () => {
  it('is nothing to load without compression', async () => {
    expect(await loadCompression('none', undefined)).toBe(0)
  })

  it.each([
    ['gzip', undefined],
    ['gzip', 9],
    ['snappy', undefined],
    ['lz4', undefined],
    ['zstd', undefined],
    ['zstd', 19],
  ] as const)('%s at level %s is known by a number of its own, and undone', async (compression, level) => {
    const number = await loadCompression(compression, level)
    expect(number & 7).toBe(wireTypes[compression])
    const compressed = await codecs[number]!().compress({ buffer: data })
    expect(compressed.length).toBeLessThan(data.length / 4)
    await loadDecompression()
    expect(await codecs[wireTypes[compression]]!().decompress(compressed)).toEqual(data)
  })

  it('compresses more at a higher level', async () => {
    const text = Buffer.from(Array.from({ length: 2_000 }, (_, i) => `${i * 7}`).join(' '))
    const sizes = await Promise.all([0, 9].map(async (level) => (await codecs[await loadCompression('gzip', level)]!().compress({ buffer: text })).length))
    expect(sizes[1]).toBeLessThan(sizes[0]!)
  })

  it("reads the blocks that Java's clients make with snappy", async () => {
    await loadDecompression()
    const number = await loadCompression('snappy', undefined)
    const blocks = await Promise.all(['one ', 'two'].map((text) => codecs[number]!().compress({ buffer: Buffer.from(text) })))
    const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
    const framed = blocks.flatMap((block) => {
      const length = Buffer.alloc(4)
      length.writeInt32BE(block.length)
      return [length, block]
    })
    expect(String(await codecs[2]!().decompress(Buffer.concat([header, ...framed])))).toBe('one two')
  })

  it('is refused when its package is not installed', async () => {
    vi.resetModules()
    vi.doMock('lz4-napi', () => {
      throw new Error('not installed')
    })
    const { loadCompression: load } = await import('./kafka-codecs.js')
    const refused = { code: 'INVALID_ARGUMENT', reason: expect.stringContaining('npm install lz4-napi') as string }
    await expect(load('lz4', undefined)).rejects.toMatchObject(refused)
    // At once, and not by one attempt after the other.
    const { kafkaBridge } = await import('./kafka-bridge.js')
    const gateway = { isOnline: () => false, edgesWith: () => [], publish: () => Promise.reject(new Error()), call: () => Promise.reject(new Error()) }
    await expect(kafkaBridge({ addresses: ['127.0.0.1:1'], topics: ['a'], compression: 'lz4' }).start!(gateway)).rejects.toMatchObject(refused)
    vi.doUnmock('lz4-napi')
  })
})
