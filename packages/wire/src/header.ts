// Field access in place, on the bytes of a frame that starts at `offset`. Plain byte arithmetic: a DataView per
// received chunk costs more than the few shifts, and Buffer methods would tie this package to Node.
import { Flag } from './frame-flag.js'
import { HEADER_BYTES, NO_BUDGET, TRACE_BYTES } from './limits.js'

/** Reads a big-endian u16. */
export function readU16(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!
}

/** Reads a big-endian u32 as a number of 0 to 2^32-1. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0
}

/** Writes a big-endian u16. */
export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8
  bytes[offset + 1] = value
}

/** Writes the low 32 bits of `value` big-endian. */
export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}

/** The type field: a {@link FrameType} or a number this version does not know. */
export function readType(bytes: Uint8Array, offset: number): number {
  return bytes[offset + 1]!
}

/** The flags field, bits of {@link Flag}. */
export function readFlags(bytes: Uint8Array, offset: number): number {
  return (bytes[offset + 2]! << 8) | bytes[offset + 3]!
}

/** Replaces the flags field. */
export function writeFlags(bytes: Uint8Array, offset: number, flags: number): void {
  bytes[offset + 2] = flags >>> 8
  bytes[offset + 3] = flags
}

/** Length of the body in bytes, header and trace field not counted. */
export function readBodyLength(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset + 4)
}

/** The id field. */
export function readId(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset + 8)
}

/** Replaces the id field. */
export function writeId(bytes: Uint8Array, offset: number, id: number): void {
  writeU32(bytes, offset + 8, id)
}

/** The time budget in milliseconds, {@link NO_BUDGET} for none. */
export function readBudgetMs(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset + 12)
}

/** Replaces the time budget: rounded down, and kept within 0 (what is overdrawn is used up) and {@link NO_BUDGET}. */
export function writeBudgetMs(bytes: Uint8Array, offset: number, budgetMs: number): void {
  writeU32(bytes, offset + 12, budgetMs > 0 ? Math.min(budgetMs, NO_BUDGET) : 0)
}

/** Upper 32 bits of the peer field. */
export function readPeerHigh(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset + 16)
}

/** Lower 32 bits of the peer field. */
export function readPeerLow(bytes: Uint8Array, offset: number): number {
  return readU32(bytes, offset + 20)
}

/** The peer field as an id; 0n = none. */
export function readPeer(bytes: Uint8Array, offset: number): bigint {
  return (BigInt(readPeerHigh(bytes, offset)) << 32n) | BigInt(readPeerLow(bytes, offset))
}

/** Replaces the peer field. */
export function writePeerParts(bytes: Uint8Array, offset: number, high: number, low: number): void {
  writeU32(bytes, offset + 16, high)
  writeU32(bytes, offset + 20, low)
}

/** Where the body of the frame at `offset` begins: behind the header and the trace field, if there is one. */
export function bodyOffset(bytes: Uint8Array, offset: number): number {
  return (bytes[offset + 3]! & Flag.TRACE) === 0 ? offset + HEADER_BYTES : offset + HEADER_BYTES + TRACE_BYTES
}
