import { DEFAULT_MAX_FRAME_BYTES, DEFAULT_MAX_PAYLOAD_BYTES, FrontierError, PROTOCOL_VERSION, RESERVED_METHODS, splitBody } from '@frontier/wire'
import { HELLO_LIMITS } from './hello-limits.js'

/** What a dialler says of itself (docs/protocol.md, section 3), checked field by field. */
export interface Hello {
  role: 'edge' | 'service'
  /** Name of a service; '' when it has none, and for edges. */
  name: string
  wantedId: bigint | undefined
  /** A copy: it lives as long as the peer. */
  meta: Uint8Array
  labels: Record<string, string>
  token: string | undefined
  resume: string | undefined
  methods: string[]
  topics: string[]
  wantsSnapshot: boolean
  maxFrameBytes: number
  maxPayloadBytes: number
  agent: string
}

/** The header fields of HELLO that count. */
export interface HelloHeader {
  version: number
  /** The peer field; 0n = none. */
  wantedId: bigint
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()
const loneSurrogate = /[\ud800-\udfff]/u

type Fields = Record<string, unknown>

/**
 * Takes apart the assembled body of a HELLO.
 * @throws PROTOCOL_ERROR when the version is another, the JSON is none, or a field is missing, of the wrong type or too long;
 * PERMISSION_DENIED when an edge claims one of the names that only services may register.
 */
export function parseHello(header: HelloHeader, body: Uint8Array): Hello {
  if (header.version !== PROTOCOL_VERSION) {
    throw malformed(`it speaks version ${header.version} of the protocol, this gateway version ${PROTOCOL_VERSION}`)
  }
  const { key, meta, data } = splitBody(body)
  const fields = parseFields(data)
  const role = fields['role']
  if (role !== 'edge' && role !== 'service') throw malformed('role is neither "edge" nor "service"')
  const methods = nameList(fields, 'methods')
  if (role === 'edge') refuseReserved(methods)
  return {
    role,
    name: role === 'service' ? decode(key, 'the name of the service') : '',
    wantedId: header.wantedId === 0n ? undefined : header.wantedId,
    meta: meta.slice(),
    labels: labelsOf(fields),
    token: optionalText(fields, 'token', HELLO_LIMITS.tokenChars),
    resume: optionalText(fields, 'resume', HELLO_LIMITS.resumeChars),
    methods,
    topics: role === 'service' ? nameList(fields, 'topics') : [],
    wantsSnapshot: flag(fields, 'snapshot'),
    maxFrameBytes: count(fields, 'maxFrameBytes', DEFAULT_MAX_FRAME_BYTES),
    maxPayloadBytes: count(fields, 'maxPayloadBytes', DEFAULT_MAX_PAYLOAD_BYTES),
    agent: optionalText(fields, 'agent', HELLO_LIMITS.agentChars) ?? '',
  }
}

function malformed(what: string): FrontierError {
  return new FrontierError('PROTOCOL_ERROR', `malformed HELLO: ${what}`)
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return strictDecoder.decode(bytes)
  } catch {
    throw malformed(`${what} is not UTF-8`)
  }
}

function parseFields(data: Uint8Array): Fields {
  let value: unknown
  const text = decode(data, 'the payload')
  try {
    value = JSON.parse(text)
  } catch {
    throw malformed('the payload is not JSON')
  }
  if (!isObject(value)) throw malformed('the payload is not a JSON object')
  return value
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Absent and null are the same to us: many encoders write null for what is not set. */
function present(fields: Fields, field: string): unknown {
  return Object.hasOwn(fields, field) ? (fields[field] ?? undefined) : undefined
}

function optionalText(fields: Fields, field: string, maxChars: number): string | undefined {
  const value = present(fields, field)
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw malformed(`${field} is not a string`)
  if (value.length > maxChars) throw malformed(`${field} has ${value.length} characters, at most ${maxChars} are allowed`)
  return value
}

function flag(fields: Fields, field: string): boolean {
  const value = present(fields, field) ?? false
  if (typeof value !== 'boolean') throw malformed(`${field} is not a boolean`)
  return value
}

function count(fields: Fields, field: string, byDefault: number): number {
  const value = present(fields, field) ?? byDefault
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw malformed(`${field} is not a positive integer`)
  return value
}

function nameList(fields: Fields, field: string): string[] {
  const value = present(fields, field) ?? []
  if (!Array.isArray(value)) throw malformed(`${field} is not an array`)
  if (value.length > HELLO_LIMITS.names) throw malformed(`${value.length} ${field}, at most ${HELLO_LIMITS.names} are allowed`)
  if (value.length === 0) return []
  const names = new Set<string>()
  for (const name of value as unknown[]) names.add(checkedName(name, field))
  return [...names]
}

function checkedName(name: unknown, field: string): string {
  if (typeof name !== 'string' || name === '') throw malformed(`${field} has an element that is not a name`)
  if (isTooLong(name)) throw malformed(`${field} has a name above ${HELLO_LIMITS.nameBytes} bytes`)
  // As UTF-8 two different ones would become the same name.
  if (loneSurrogate.test(name)) throw malformed(`${field} has a name that is not Unicode text`)
  return name
}

function isTooLong(name: string): boolean {
  // Three bytes are the most that one UTF-16 unit takes: most names need no encoding to be known as short.
  return name.length * 3 > HELLO_LIMITS.nameBytes && encoder.encode(name).length > HELLO_LIMITS.nameBytes
}

function labelsOf(fields: Fields): Record<string, string> {
  const value = present(fields, 'labels')
  if (value === undefined) return {}
  if (!isObject(value)) throw malformed('labels is not an object')
  const keys = Object.keys(value)
  if (keys.length > HELLO_LIMITS.labels) throw malformed(`${keys.length} labels, at most ${HELLO_LIMITS.labels} are allowed`)
  let bytes = 0
  for (const key of keys) {
    const label = value[key]
    if (typeof label !== 'string') throw malformed('a label is not a string')
    bytes += encoder.encode(key).length + encoder.encode(label).length
  }
  if (bytes > HELLO_LIMITS.labelBytes) throw malformed(`labels of ${bytes} bytes, at most ${HELLO_LIMITS.labelBytes} are allowed`)
  return value as Record<string, string>
}

function refuseReserved(methods: string[]): void {
  for (const name of RESERVED_METHODS) {
    if (methods.includes(name)) throw new FrontierError('PERMISSION_DENIED', `only services may register ${name}`)
  }
}
