import { FrontierError, readU16, readU32, STREAM_HEADER_BYTES, writeU16, writeU32 } from '@frontier/wire'

/** The frame types of yamux. Only DATA has bytes behind the header. */
export const YamuxType = { DATA: 0, WINDOW_UPDATE: 1, PING: 2, GO_AWAY: 3 } as const
export type YamuxType = (typeof YamuxType)[keyof typeof YamuxType]

/**
 * The flags of yamux, on DATA and WINDOW_UPDATE alike; SYN and ACK also tell a ping from its answer. MARK on DATA and ARRIVED on WINDOW_UPDATE are ours
 * (docs/protocol.md, 7.3).
 */
export const YamuxFlag = { SYN: 1, ACK: 2, FIN: 4, RST: 8, MARK: 16, ARRIVED: 32 } as const

/** What either side of a new stream may send before it hears of more credit. Fixed by the specification. */
export const INITIAL_WINDOW_BYTES = 262_144

/** The type of the frame at `start`: any byte, see {@link checkYamuxFrame}. */
export function readYamuxType(bytes: Uint8Array, start: number): number {
  return bytes[start + 1]!
}

/** The flags of the frame at `start`. */
export function readYamuxFlags(bytes: Uint8Array, start: number): number {
  return readU16(bytes, start + 2)
}

/** The stream id of the frame at `start`; 0 = the session. */
export function readYamuxId(bytes: Uint8Array, start: number): number {
  return readU32(bytes, start + 4)
}

/** Bytes of a DATA frame, credit of a WINDOW_UPDATE, the opaque value of a PING, the code of a GO_AWAY. */
export function readYamuxLength(bytes: Uint8Array, start: number): number {
  return readU32(bytes, start + 8)
}

/** A new frame with its header; a DATA frame has room for its `length` bytes, to be filled from offset 12 on. */
export function encodeYamux(type: YamuxType, flags: number, id: number, length: number): Uint8Array {
  const frame = new Uint8Array(type === YamuxType.DATA ? STREAM_HEADER_BYTES + length : STREAM_HEADER_BYTES)
  frame[1] = type
  writeU16(frame, 2, flags)
  writeU32(frame, 4, id)
  writeU32(frame, 8, length)
  return frame
}

/**
 * Checks that `bytes[start, end)` is one whole frame, of the session when its id is 0 and of a stream otherwise.
 * @throws PROTOCOL_ERROR when it is not.
 */
export function checkYamuxFrame(bytes: Uint8Array, start: number, end: number): void {
  checkYamuxHeader(bytes, start, end - start)
}

/** As {@link checkYamuxFrame}, for a frame of `frameLength` bytes, of which only the header need lie in `bytes`. @throws PROTOCOL_ERROR */
export function checkYamuxHeader(bytes: Uint8Array, start: number, frameLength: number): void {
  const type = readYamuxType(bytes, start)
  const isOfSession = readYamuxId(bytes, start) === 0
  let problem: string | undefined
  if (frameLength < STREAM_HEADER_BYTES) problem = 'is cut off'
  else if (bytes[start] !== 0) problem = `has version ${String(bytes[start])}`
  else if (type > YamuxType.GO_AWAY) problem = `has the unknown type ${type}`
  else if (isOfSession !== type >= YamuxType.PING) problem = isOfSession ? 'is of no stream' : 'is of the session, but names a stream'
  else if (frameLength !== STREAM_HEADER_BYTES + (type === YamuxType.DATA ? readYamuxLength(bytes, start) : 0)) problem = 'has a wrong length'
  if (problem !== undefined) throw new FrontierError('PROTOCOL_ERROR', `a yamux frame ${problem}`)
}
