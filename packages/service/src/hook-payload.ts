import { FrontierError } from '@frontier/geminio'
import { parseId } from '@frontier/wire'
import type { EdgeInfo, NewEdge } from './hooks.js'

type Json = Record<string, unknown>

function malformed(what: string): FrontierError {
  return new FrontierError('PROTOCOL_ERROR', `malformed hook call: ${what}`)
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function id(value: unknown, name: string): bigint {
  const parsed = typeof value === 'string' ? parseId(value) : undefined
  if (parsed === undefined) throw malformed(name)
  return parsed
}

function labels(value: unknown): Record<string, string> {
  if (value === undefined) return {}
  if (!isRecord(value)) throw malformed('labels')
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

function identity(value: unknown): { identity?: { subject?: string; san?: string[] } } {
  if (!isRecord(value)) return {}
  const { subject, san } = value as { subject?: unknown; san?: unknown }
  return {
    identity: {
      ...(typeof subject === 'string' && { subject }),
      ...(Array.isArray(san) && { san: san.filter((each): each is string => typeof each === 'string') }),
    },
  }
}

function newEdge(json: Json, meta: Uint8Array): NewEdge {
  const { address, wantedId } = json as { address?: unknown; wantedId?: unknown }
  return {
    meta,
    address: typeof address === 'string' ? address : '',
    ...(wantedId !== undefined && { wantedId: id(wantedId, 'wantedId') }),
    labels: labels(json['labels']),
    ...identity(json['identity']),
  }
}

function parse(data: Uint8Array): Json {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(data))
  } catch {
    throw malformed('no JSON')
  }
  if (!isRecord(value)) throw malformed('no JSON object')
  return value
}

/** The edge in a call of `get_edge_id` (docs/protocol.md, section 4). @throws PROTOCOL_ERROR */
export function parseNewEdge(data: Uint8Array, meta: Uint8Array): NewEdge {
  return newEdge(parse(data), meta)
}

/** The edge in a call of `edge_online` or `edge_offline`. @throws PROTOCOL_ERROR */
export function parseEdgeInfo(data: Uint8Array, meta: Uint8Array): EdgeInfo {
  const json = parse(data)
  const { generation, at } = json as { generation?: unknown; at?: unknown }
  if (typeof generation !== 'string' || !/^\d{1,16}$/.test(generation)) throw malformed('generation')
  if (typeof at !== 'number' || !Number.isFinite(at)) throw malformed('at')
  return { ...newEdge(json, meta), edgeId: id(json['edgeId'], 'edgeId'), generation: Number(generation), at: new Date(at) }
}
