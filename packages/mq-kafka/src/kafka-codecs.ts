import { promisify } from 'node:util'
import { gzip, unzip } from 'node:zlib'

import { FrontierError } from '@frontier/wire'
import kafkajs, { type CompressionTypes } from 'kafkajs'

import type { KafkaCompression } from './kafka-bridge-options.js'

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(buffer: Buffer): Promise<Buffer>
}

const { CompressionCodecs, CompressionTypes: Types } = kafkajs
const codecs = CompressionCodecs as Record<number, () => Codec>
const typeOf = { none: Types.None, gzip: Types.GZIP, snappy: Types.Snappy, lz4: Types.LZ4, zstd: Types.ZSTD } as const
const packageOf: Partial<Record<KafkaCompression, string>> = { snappy: 'snappy', lz4: 'lz4-napi', zstd: '@hpcc-js/wasm-zstd' }

const gzipAsync = promisify<Buffer, { level?: number }, Buffer>(gzip)
const unzipAsync = promisify<Buffer, Buffer>(unzip)

/**
 * Makes kafkajs able to compress so, and gives the number it knows that by.
 * @throws INVALID_ARGUMENT when the package that does it is not installed.
 */
export async function loadCompression(compression: KafkaCompression, level: number | undefined): Promise<number> {
  const type = typeOf[compression]
  if (compression === 'none') return type
  const codec = await loadCodec(compression, level)
  // Codecs are global in kafkajs, and other users of it keep theirs: it looks them up by the whole number but writes only the lowest three bits on the wire,
  // so a number of our own for each level is possible.
  const own = type + ((level ?? 31) << 3)
  codecs[own] = () => codec
  return own
}

/** Makes kafkajs read what others compressed, as far as the packages for it are installed. */
export async function loadDecompression(): Promise<void> {
  for (const compression of ['snappy', 'lz4', 'zstd'] as const) {
    if (isTaken(typeOf[compression])) continue
    const codec = await loadCodec(compression, undefined).catch(() => undefined)
    if (codec !== undefined) codecs[typeOf[compression]] = () => codec
  }
}

/** kafkajs comes with entries that throw. */
function isTaken(type: CompressionTypes): boolean {
  try {
    return codecs[type]?.() !== undefined
  } catch {
    return false
  }
}

async function loadCodec(compression: Exclude<KafkaCompression, 'none'>, level: number | undefined): Promise<Codec> {
  try {
    return await loaders[compression](level)
  } catch (cause) {
    const reason = `kafka: compression ${compression} needs a package that cannot be loaded: npm install ${packageOf[compression] ?? ''}`
    throw new FrontierError('INVALID_ARGUMENT', reason, { cause })
  }
}

const loaders: Record<Exclude<KafkaCompression, 'none'>, (level: number | undefined) => Promise<Codec>> = {
  async gzip(level) {
    const options = level === undefined ? {} : { level }
    return { compress: ({ buffer }) => gzipAsync(buffer, options), decompress: (buffer) => unzipAsync(buffer) }
  },
  async snappy() {
    const snappy = await import('snappy')
    const { compress } = snappy.default
    const uncompress = async (buffer: Buffer): Promise<Buffer> => Buffer.from(await snappy.default.uncompress(buffer, { asBuffer: true }))
    return { compress: ({ buffer }) => compress(buffer), decompress: async (buffer) => joined(xerialBlocks(buffer), uncompress) }
  },
  async lz4() {
    const lz4 = await import('lz4-napi')
    return { compress: ({ buffer }) => lz4.default.compressFrame(buffer), decompress: (buffer) => lz4.default.decompressFrame(buffer) }
  },
  async zstd(level) {
    const { Zstd } = await import('@hpcc-js/wasm-zstd')
    const zstd = await Zstd.load()
    return {
      compress: async ({ buffer }) => asBuffer(zstd.compress(buffer, level)),
      decompress: async (buffer) => asBuffer(zstd.decompress(buffer)),
    }
  },
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])

/** Java's clients put snappy blocks, each behind its length, after a header of 16 bytes; others write one block and no header. */
function xerialBlocks(buffer: Buffer): Buffer[] {
  if (!buffer.subarray(0, XERIAL.length).equals(XERIAL)) return [buffer]
  const blocks: Buffer[] = []
  for (let offset = 16; offset < buffer.length; ) {
    const length = buffer.readInt32BE(offset)
    blocks.push(buffer.subarray(offset + 4, offset + 4 + length))
    offset += 4 + length
  }
  return blocks
}

async function joined(blocks: readonly Buffer[], uncompress: (block: Buffer) => Promise<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Promise.all(blocks.map(uncompress)))
}
