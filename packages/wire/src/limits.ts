/** First byte of every frame of the control lane (docs/protocol.md, section 1). */
export const CONTROL_MAGIC = 0xf1
/** First byte of every frame of the stream lane: the version byte of yamux. */
export const STREAM_MAGIC = 0x00
/** Bytes of the fixed control header. */
export const HEADER_BYTES = 24
/** Bytes of the optional trace field behind the header. */
export const TRACE_BYTES = 26
/** Bytes of a yamux header. */
export const STREAM_HEADER_BYTES = 12
/** Longest key (method, topic, service name, error code) in bytes. */
export const MAX_KEY_BYTES = 1024
/** Longest frame of either lane, header included, unless the handshake agreed on more. */
export const DEFAULT_MAX_FRAME_BYTES = 32_768
/** Largest frame a link may agree on. */
export const LARGEST_MAX_FRAME_BYTES = 1_048_576
/** Default limit of key + meta + payload of one request or answer: 16 MiB. */
export const DEFAULT_MAX_PAYLOAD_BYTES = 16_777_216
/** Longest PING body in bytes. */
export const MAX_PING_BYTES = 64
/** Most bytes of one HELLO, all its fragments together. */
export const MAX_HELLO_BYTES = 262_144
/** Longest error text that is sent, in bytes, cut at a character: an error must fit one frame whatever a handler throws. */
export const MAX_REASON_BYTES = 4096
/** The budget field that stands for "no time limit". */
export const NO_BUDGET = 0xffff_ffff
/** The protocol version this code speaks. */
export const PROTOCOL_VERSION = 1
/** Names that only the gateway may call (docs/protocol.md, section 4). */
export const RESERVED_METHODS = ['get_edge_id', 'edge_online', 'edge_offline'] as const
