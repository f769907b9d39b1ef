/** Bits of the flags field, with the values of docs/protocol.md, section 2. */
export const Flag = {
  MORE: 0x0001,
  CONT: 0x0002,
  TRACE: 0x0004,
  ERROR: 0x0008,
  MAYBE: 0x0010,
  RETRYABLE: 0x0020,
  GATEWAY: 0x0040,
  NO_ACK: 0x0080,
  TOPIC: 0x0100,
  REPLY: 0x0200,
  DRAIN: 0x0400,
} as const
