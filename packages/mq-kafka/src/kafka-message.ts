import { perHeaders, type OutgoingMessage } from '@frontier/mq'
import { FrontierError } from '@frontier/wire'
import type { IHeaders, Message } from 'kafkajs'

/** What a record takes beside its key, headers and data, with the widest numbers. */
const RECORD_BYTES = 24
const HEADER_BYTES = 6

/** Headers as kafkajs takes them, and their bytes in the log, at most. */
const headersOf = perHeaders((headers) => {
  const own: IHeaders = {}
  let bytes = 0
  for (const name in headers) {
    const value = headers[name]!
    own[name] = typeof value === 'string' ? value : asBuffer(value)
    bytes += HEADER_BYTES + Buffer.byteLength(name) + (typeof value === 'string' ? Buffer.byteLength(value) : value.length)
  }
  return { own, bytes }
})

/** Bytes of a message in the log, at most. */
export function recordBytes({ key, headers, data }: OutgoingMessage): number {
  return RECORD_BYTES + Buffer.byteLength(key) + data.length + headersOf(headers).bytes
}

/** The message as kafkajs takes it. Bytes are not copied. */
export function kafkaMessage({ key, headers, data }: OutgoingMessage, partition: number): Message {
  return { key: key === '' ? null : key, value: asBuffer(data), headers: headersOf(headers).own, partition }
}

/** Why Kafka would not take `message`, whoever it goes to. */
export function checkKafkaMessage(message: OutgoingMessage, maxMessageBytes: number): FrontierError | undefined {
  const { target, partition } = message
  // Kafka's own rules; '.' and '..' would be folders of the broker.
  if (!/^[A-Za-z0-9._-]{1,249}$/.test(target) || target === '.' || target === '..') {
    return new FrontierError('INVALID_ARGUMENT', `kafka: ${JSON.stringify(target.slice(0, 300))} is not a topic: 1 to 249 letters, digits, dots, dashes and underscores`)
  }
  if (partition !== undefined && (!Number.isInteger(partition) || partition < 0)) {
    return new FrontierError('INVALID_ARGUMENT', `kafka: ${partition} is not a partition`)
  }
  const bytes = recordBytes(message)
  if (bytes > maxMessageBytes) return new FrontierError('PAYLOAD_TOO_LARGE', `kafka: a message of ${bytes} bytes, more than maxMessageBytes: ${maxMessageBytes}`)
  return undefined
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
