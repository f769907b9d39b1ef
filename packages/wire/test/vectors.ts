import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { encodeFrame, encodeRawFrame, Flag, FrameType, toBytes } from '../src/index.js'
import type { FrontierErrorCode } from '../src/index.js'
import { encodeReference, joinReference, type Frame } from './reference-codec.js'

/** Text, or bytes that are not. */
export type VectorBytes = string | { hex: string }

/** A frame as vectors/README.md describes it. */
export interface VectorFrame {
  lane?: 'control' | 'stream'
  type: string
  flags?: string[]
  id?: number
  budgetMs?: number
  peer?: string
  trace?: string
  key?: VectorBytes
  meta?: VectorBytes
  data?: VectorBytes
  body?: VectorBytes
  length?: number
}

export interface Vector {
  file: string
  name: string
  specSection: string
  origin: 'hand' | 'encoder'
  hex: string
  frame?: VectorFrame
  frames?: VectorFrame[]
  assembled?: { key?: VectorBytes; meta?: VectorBytes; data?: VectorBytes }
  failure?: { code: FrontierErrorCode; reason: string; delivered: 'no' | 'maybe'; retryable: boolean; origin: 'gateway' | 'peer' }
  then?: 'ignored' | 'PROTOCOL_ERROR'
  encode?: false
  error?: 'PROTOCOL_ERROR'
  foundIn?: 'frame' | 'key' | 'body'
  incompleteBytes?: number
}

const folder = path.join(import.meta.dirname, '../vectors')
const yamuxTypes = ['DATA', 'WINDOW_UPDATE', 'PING', 'GO_AWAY']
const yamuxFlags: Record<string, number> = { SYN: 1, ACK: 2, FIN: 4, RST: 8 }

export const vectors: Vector[] = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .flatMap((file) => (JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as Omit<Vector, 'file'>[]).map((vector) => ({ ...vector, file })))

export function fromHex(hex: string): Uint8Array {
  const digits = hex.replaceAll(/\s/g, '')
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`not hex: ${hex}`)
  return new Uint8Array(Buffer.from(digits, 'hex'))
}

export function vectorBytes(value: VectorBytes = ''): Uint8Array {
  return typeof value === 'string' ? new TextEncoder().encode(value) : fromHex(value.hex)
}

function named(table: Readonly<Record<string, number>>, name: string): number {
  const value = table[name] ?? (name.startsWith('0x') ? Number(name) : undefined)
  if (value === undefined) throw new Error(`no such type or flag: ${name}`)
  return value
}

/** The frames a vector has, in the terms of the reference codec. */
export function framesOf(vector: Vector): Frame[] {
  const frames = vector.frames ?? (vector.frame === undefined ? [] : [vector.frame])
  return frames.map((frame) => {
    const flags = (frame.flags ?? []).reduce((sum, name) => sum | named(frame.lane === 'stream' ? yamuxFlags : Flag, name), 0)
    if (frame.lane === 'stream') {
      return { lane: 'stream', type: yamuxTypes.indexOf(frame.type), flags, id: frame.id ?? 0, length: frame.length ?? 0, data: vectorBytes(frame.data) }
    }
    const parts = { key: vectorBytes(frame.key), meta: vectorBytes(frame.meta), data: vectorBytes(frame.data) }
    return {
      lane: 'control',
      type: named(FrameType, frame.type),
      flags,
      id: frame.id ?? 0,
      budgetMs: frame.budgetMs ?? 0xffff_ffff,
      peer: BigInt(frame.peer ?? 0),
      trace: frame.trace === undefined ? undefined : fromHex(frame.trace),
      body: frame.body === undefined ? joinReference(parts) : vectorBytes(frame.body),
    }
  })
}

/** The frames of a vector as the encoder writes them. Yamux frames, which this package only passes on, come from the reference codec. */
export function encodeVector(vector: Vector): Uint8Array[] {
  const described = vector.frames ?? (vector.frame === undefined ? [] : [vector.frame])
  return framesOf(vector).map((frame, index) => {
    if (frame.lane === 'stream') return encodeReference(frame)
    const { type, flags, id, budgetMs, peer, trace, body } = frame
    const header = { type, flags, id, budgetMs, peer, ...(trace !== undefined && { trace }) }
    const { key, meta, data, body: raw } = described[index]!
    if (raw !== undefined) return encodeRawFrame({ ...header, body })
    const keyText = typeof key === 'string' ? key : vectorBytes(key)
    return encodeFrame({ ...header, key: keyText, meta: vectorBytes(meta), data: toBytes(vectorBytes(data)) })
  })
}
