import {
  encodeFragments,
  DEFAULT_MAX_FRAME_BYTES,
  DEFAULT_MAX_PAYLOAD_BYTES,
  FrameType,
  FrontierError,
  json,
  LARGEST_MAX_FRAME_BYTES,
  MAX_HELLO_BYTES,
  parseBody,
  PROTOCOL_VERSION,
  readId,
  readPeer,
  toBytes,
  utf8,
} from '@frontier/wire'

/** What a dialler says of itself (docs/protocol.md, section 3). */
export interface Hello {
  role: 'edge' | 'service'
  /** Name of the service; '' for edges and unnamed services. */
  name: string
  /** The id it wishes for; 0n = none. */
  wantedId: bigint
  meta: Uint8Array
  labels: Record<string, string>
  token: string | undefined
  resume: string | undefined
  methods: string[]
  topics: string[]
  snapshot: boolean
  maxPayloadBytes: number
  agent: string
}

/** What the gateway granted. */
export interface Welcome {
  id: bigint
  /** Grows with every welcome of the same id; a decimal string. */
  generation: string
  /** To be presented in the next hello. */
  resume: string | undefined
  resumed: boolean
  pingIntervalMs: number
  maxFrameBytes: number
  maxPayloadBytes: number
  maxInFlight: number
  /** Start id of the gateway process. */
  gateway: string
}

/** The frames of a HELLO. @throws INVALID_ARGUMENT when they are above 256 KiB together. */
export function encodeHello(hello: Hello): Uint8Array[] {
  const { role, labels, token, resume, methods, topics, snapshot, maxPayloadBytes, agent } = hello
  const about = { role, labels, token, resume, methods, topics, snapshot, maxFrameBytes: LARGEST_MAX_FRAME_BYTES, maxPayloadBytes, agent }
  const data = toBytes(json(about))
  const fields = { type: FrameType.HELLO, id: PROTOCOL_VERSION, peer: hello.wantedId, key: hello.name, meta: hello.meta, data }
  const frames = encodeFragments(fields, DEFAULT_MAX_FRAME_BYTES)
  const bytes = frames.reduce((sum, frame) => sum + frame.length, 0)
  if (bytes > MAX_HELLO_BYTES) {
    throw new FrontierError('INVALID_ARGUMENT', `meta, labels, token, methods and topics have ${bytes} bytes together, at most ${MAX_HELLO_BYTES} are allowed`)
  }
  return frames
}

function malformed(what: string): FrontierError {
  return new FrontierError('PROTOCOL_ERROR', `malformed welcome: ${what}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new FrontierError('PROTOCOL_ERROR', 'malformed welcome: no JSON', { cause })
  }
  if (!isRecord(value)) throw malformed('no JSON object')
  return value
}

function positive(value: unknown, name: string, fallback: number): number {
  if (value === undefined) return fallback
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 1) throw malformed(name)
  return Math.floor(value)
}

/** Reads a WELCOME. @throws PROTOCOL_ERROR for another version or a field that is not what it should be. */
export function parseWelcome(bytes: Uint8Array, start: number, end: number): Welcome {
  const version = readId(bytes, start)
  if (version !== PROTOCOL_VERSION) {
    throw new FrontierError('PROTOCOL_ERROR', `the gateway speaks version ${version} of the protocol, this is version ${PROTOCOL_VERSION}`)
  }
  const id = readPeer(bytes, start)
  if (id === 0n) throw malformed('no id')
  const about = parseJson(utf8(parseBody(bytes, start, end).data))
  const { generation, resume, gateway } = about as { generation?: unknown; resume?: unknown; gateway?: unknown }
  if (typeof generation !== 'string' || !/^\d{1,20}$/.test(generation)) throw malformed('generation')
  if (resume !== undefined && typeof resume !== 'string') throw malformed('resume')
  return {
    id,
    generation,
    resume,
    resumed: about['resumed'] === true,
    pingIntervalMs: positive(about['pingIntervalMs'], 'pingIntervalMs', 30_000),
    maxFrameBytes: Math.min(positive(about['maxFrameBytes'], 'maxFrameBytes', DEFAULT_MAX_FRAME_BYTES), LARGEST_MAX_FRAME_BYTES),
    maxPayloadBytes: positive(about['maxPayloadBytes'], 'maxPayloadBytes', DEFAULT_MAX_PAYLOAD_BYTES),
    maxInFlight: positive(about['maxInFlight'], 'maxInFlight', Number.MAX_SAFE_INTEGER),
    gateway: typeof gateway === 'string' ? gateway : '',
  }
}
