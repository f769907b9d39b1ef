// The oracle: the protocol once more, slow and plain, with DataView, written from docs/protocol.md. It shares nothing with
// the codec in src, constants included, so that a mistake would have to be made twice.

export interface ControlFrame {
  lane: 'control'
  type: number
  /** Without TRACE: whether `trace` is there says it. */
  flags: number
  id: number
  budgetMs: number
  peer: bigint
  trace: Uint8Array | undefined
  body: Uint8Array
}

export interface StreamFrame {
  lane: 'stream'
  type: number
  flags: number
  id: number
  length: number
  data: Uint8Array
}

export type Frame = ControlFrame | StreamFrame

export interface Parts {
  key: Uint8Array
  meta: Uint8Array
  data: Uint8Array
}

const TRACE_FLAG = 4

export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function encodeReference(frame: Frame): Uint8Array {
  if (frame.lane === 'stream') {
    const header = new DataView(new ArrayBuffer(12))
    header.setUint8(0, 0)
    header.setUint8(1, frame.type)
    header.setUint16(2, frame.flags)
    header.setUint32(4, frame.id)
    header.setUint32(8, frame.length)
    return concat(new Uint8Array(header.buffer), frame.data)
  }
  const header = new DataView(new ArrayBuffer(24))
  header.setUint8(0, 0xf1)
  header.setUint8(1, frame.type)
  header.setUint16(2, frame.trace === undefined ? frame.flags : frame.flags | TRACE_FLAG)
  header.setUint32(4, frame.body.length)
  header.setUint32(8, frame.id)
  header.setUint32(12, frame.budgetMs)
  header.setBigUint64(16, frame.peer)
  return concat(new Uint8Array(header.buffer), frame.trace ?? new Uint8Array(), frame.body)
}

/** The three parts as one body. */
export function joinReference({ key, meta, data }: Parts): Uint8Array {
  if (key.length === 0 && meta.length === 0 && data.length === 0) return new Uint8Array()
  const keyLength = new DataView(new ArrayBuffer(2))
  keyLength.setUint16(0, key.length)
  const metaLength = new DataView(new ArrayBuffer(4))
  metaLength.setUint32(0, meta.length)
  return concat(new Uint8Array(keyLength.buffer), key, new Uint8Array(metaLength.buffer), meta, data)
}

/** The three parts of a body, or undefined when it is malformed. */
export function splitReference(body: Uint8Array): Parts | undefined {
  if (body.length === 0) return { key: body, meta: body, data: body }
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  try {
    const keyEnd = 2 + view.getUint16(0)
    const metaEnd = keyEnd + 4 + view.getUint32(keyEnd)
    if (keyEnd > 1026 || metaEnd > body.length) return undefined
    return { key: body.slice(2, keyEnd), meta: body.slice(keyEnd + 4, metaEnd), data: body.slice(metaEnd) }
  } catch {
    return undefined // a RangeError of DataView
  }
}

/** All whole frames in `bytes`, how many bytes are left behind them, and whether the link must be closed there. */
export function decodeReference(bytes: Uint8Array, maxFrameBytes = 32_768): { frames: Frame[]; left: number; isBad: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const frames: Frame[] = []
  let at = 0
  const result = (isBad: boolean) => ({ frames, left: bytes.length - at, isBad })
  while (at < bytes.length) {
    const first = view.getUint8(at)
    if (first !== 0xf1 && first !== 0) return result(true)
    const headerLength = first === 0xf1 ? 24 : 12
    if (bytes.length - at < headerLength) return result(false)
    const type = view.getUint8(at + 1)
    const flags = view.getUint16(at + 2)
    if (first === 0) {
      const length = view.getUint32(at + 8)
      const size = type === 0 ? 12 + length : 12
      if (type > 3 || size > maxFrameBytes) return result(true)
      if (bytes.length - at < size) return result(false)
      frames.push({ lane: 'stream', type, flags, id: view.getUint32(at + 4), length, data: bytes.slice(at + 12, at + size) })
      at += size
      continue
    }
    const bodyStart = (flags & TRACE_FLAG) === 0 ? 24 : 50
    const size = bodyStart + view.getUint32(at + 4)
    if (size > maxFrameBytes) return result(true)
    if (bytes.length - at < size) return result(false)
    frames.push({
      lane: 'control',
      type,
      flags: flags & ~TRACE_FLAG,
      id: view.getUint32(at + 8),
      budgetMs: view.getUint32(at + 12),
      peer: view.getBigUint64(at + 16),
      trace: bodyStart === 24 ? undefined : bytes.slice(at + 24, at + 50),
      body: bytes.slice(at + bodyStart, at + size),
    })
    at += size
  }
  return result(false)
}
