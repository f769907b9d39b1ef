import { EMPTY, toBytes, type Bytes } from './bytes.js'
import { Flag } from './frame-flag.js'
import { allocateFrame } from './frame-slab.js'
import { FrontierError } from './frontier-error.js'
import { writeBudgetMs, writeU16, writeU32 } from './header.js'
import { CONTROL_MAGIC, HEADER_BYTES, MAX_KEY_BYTES, NO_BUDGET, TRACE_BYTES } from './limits.js'

/** The header fields of a frame to encode; absent ones are 0, the budget {@link NO_BUDGET}. */
export interface HeaderFields {
  type: number
  flags?: number
  id?: number
  /** Milliseconds, rounded down and kept within 0 to {@link NO_BUDGET}: Infinity is none. */
  budgetMs?: number
  peer?: bigint
  /** 26 bytes of W3C trace context; sets the TRACE flag. */
  trace?: Uint8Array
}

/** A frame with a three-part body. */
export interface FrameFields extends HeaderFields {
  key?: Bytes
  meta?: Uint8Array
  data?: Uint8Array
}

/** A frame whose body is given as it is: DATA, TAKEN, PROGRESS, fragments behind the first. */
export interface RawFrameFields extends HeaderFields {
  body?: Uint8Array
}

const LOW32 = 0xffff_ffffn

function writeHeader(bytes: Uint8Array, fields: HeaderFields, bodyLength: number): number {
  const { trace } = fields
  bytes[0] = CONTROL_MAGIC
  bytes[1] = fields.type
  // Without the field the flag must not stand there, also when flags were taken over from a received frame: the body would be misread.
  const flags = (fields.flags ?? 0) & ~Flag.TRACE
  writeU16(bytes, 2, trace === undefined ? flags : flags | Flag.TRACE)
  writeU32(bytes, 4, bodyLength)
  writeU32(bytes, 8, fields.id ?? 0)
  writeBudgetMs(bytes, 0, fields.budgetMs ?? NO_BUDGET)
  const peer = fields.peer ?? 0n
  if (peer === 0n) bytes.fill(0, 16, 24)
  else {
    writeU32(bytes, 16, Number(peer >> 32n))
    writeU32(bytes, 20, Number(peer & LOW32))
  }
  if (trace === undefined) return HEADER_BYTES
  bytes.set(trace, HEADER_BYTES)
  return HEADER_BYTES + TRACE_BYTES
}

function checkTrace(trace: Uint8Array | undefined): number {
  if (trace === undefined) return 0
  if (trace.length !== TRACE_BYTES) throw new FrontierError('INVALID_ARGUMENT', `a trace field has ${TRACE_BYTES} bytes, not ${trace.length}`)
  return TRACE_BYTES
}

/** Throws INVALID_ARGUMENT for a key above 1,024 bytes; returns the key's bytes. */
export function checkedKey(key: Bytes | undefined): Uint8Array {
  const bytes = toBytes(key)
  if (bytes.length > MAX_KEY_BYTES) throw new FrontierError('INVALID_ARGUMENT', `a name of ${bytes.length} bytes, at most ${MAX_KEY_BYTES} are allowed`)
  return bytes
}

/** What stands in a body before the payload: key and meta with their lengths. */
export function encodeBodyPrefix(key: Uint8Array, meta: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(6 + key.length + meta.length)
  writeBodyPrefix(bytes, 0, key, meta)
  return bytes
}

function writeBodyPrefix(bytes: Uint8Array, at: number, key: Uint8Array, meta: Uint8Array): number {
  writeU16(bytes, at, key.length)
  bytes.set(key, at + 2)
  const metaAt = at + 2 + key.length
  writeU32(bytes, metaAt, meta.length)
  if (meta.length > 0) bytes.set(meta, metaAt + 4)
  return metaAt + 4 + meta.length
}

/**
 * One whole frame in a buffer of its own; never fragments, so the caller keeps it below the agreed size.
 * @throws INVALID_ARGUMENT for a key above 1,024 bytes or a trace field that has not 26.
 */
export function encodeFrame(fields: FrameFields): Uint8Array {
  const key = checkedKey(fields.key)
  const meta = fields.meta ?? EMPTY
  const data = fields.data ?? EMPTY
  const isEmpty = key.length + meta.length + data.length === 0
  const bodyLength = isEmpty ? 0 : 6 + key.length + meta.length + data.length
  const bytes = allocateFrame(HEADER_BYTES + checkTrace(fields.trace) + bodyLength)
  const at = writeHeader(bytes, fields, bodyLength)
  if (!isEmpty) bytes.set(data, writeBodyPrefix(bytes, at, key, meta))
  return bytes
}

/** One whole frame whose body is copied as it is. @throws INVALID_ARGUMENT for a trace field that has not 26 bytes. */
export function encodeRawFrame(fields: RawFrameFields): Uint8Array {
  const body = fields.body ?? EMPTY
  const bytes = allocateFrame(HEADER_BYTES + checkTrace(fields.trace) + body.length)
  bytes.set(body, writeHeader(bytes, fields, body.length))
  return bytes
}
