/** Types of control frames, with the numbers of docs/protocol.md, section 2. */
export const FrameType = {
  HELLO: 0x01,
  WELCOME: 0x02,
  GOODBYE: 0x03,
  PING: 0x04,
  PONG: 0x05,
  CALL: 0x10,
  ANSWER: 0x11,
  CANCEL: 0x12,
  MESSAGE: 0x13,
  ACK: 0x14,
  PROGRESS: 0x15,
  REGISTER: 0x18,
  UNREGISTER: 0x19,
  OPEN: 0x20,
  ACCEPT: 0x21,
  REFUSE: 0x22,
  STREAM_RESET: 0x23,
  DATA: 0x30,
  END: 0x31,
  TAKEN: 0x32,
} as const

/** One of the numbers in {@link FrameType}. */
export type FrameType = (typeof FrameType)[keyof typeof FrameType]

/** Types from here on are ignored by receivers: room for later versions. */
export const FIRST_IGNORED_TYPE = 0x80
