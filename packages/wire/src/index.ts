export { EMPTY, joinBytes, json, toBytes, utf8 } from './bytes.js'
export type { Bytes } from './bytes.js'
export { keyLength, parseBody, parseKey, splitBody } from './body.js'
export type { Body } from './body.js'
export { FrameDecoder } from './decoder.js'
export type { FrameSink, SplitFrame } from './decoder.js'
export { allocateUnfilled } from './unfilled.js'
export { checkedKey, encodeBodyPrefix, encodeFrame, encodeRawFrame } from './encode.js'
export type { FrameFields, HeaderFields, RawFrameFields } from './encode.js'
export { encodeFragments } from './encode-fragments.js'
export { errorCodes, isErrorCode } from './error-codes.js'
export type { ErrorCodeInfo, FrontierErrorCode } from './error-codes.js'
export { decodeError, encodeError } from './error-frame.js'
export { Flag } from './frame-flag.js'
export { FIRST_IGNORED_TYPE, FrameType } from './frame-type.js'
export { FrontierError, isFrontierError, toFrontierError } from './frontier-error.js'
export type { FrontierErrorDetails } from './frontier-error.js'
export {
  bodyOffset,
  readBodyLength,
  readBudgetMs,
  readFlags,
  readId,
  readPeer,
  readPeerHigh,
  readPeerLow,
  readType,
  readU16,
  readU32,
  writeBudgetMs,
  writeFlags,
  writeId,
  writePeerParts,
  writeU16,
  writeU32,
} from './header.js'
export { idFromParts, idHigh, idLow, parseId, toId } from './id.js'
export type { Id } from './id.js'
export {
  CONTROL_MAGIC,
  DEFAULT_MAX_FRAME_BYTES,
  DEFAULT_MAX_PAYLOAD_BYTES,
  HEADER_BYTES,
  LARGEST_MAX_FRAME_BYTES,
  MAX_HELLO_BYTES,
  MAX_KEY_BYTES,
  MAX_PING_BYTES,
  MAX_REASON_BYTES,
  NO_BUDGET,
  PROTOCOL_VERSION,
  RESERVED_METHODS,
  STREAM_HEADER_BYTES,
  STREAM_MAGIC,
  TRACE_BYTES,
} from './limits.js'
export { sendAck, sendAnswer, sendRequest } from './send-frame.js'
export type { FrameOutlet, FrameTarget, RequestFrame } from './send-frame.js'
