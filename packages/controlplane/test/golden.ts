import { readFileSync } from 'node:fs'

import type { FakeBackend } from './fake-backend.js'

/** What was online when the answers were given; numbers of 64 bits are text. */
export interface GoldenState {
  edges: { edge_id: string; meta: string; addr: string; create_time: string; rpcs: string[] }[]
  services: { service_id: string; service: string; addr: string; create_time: string; rpcs: string[]; topics: string[] }[]
}

/** A file of `golden/`: requests that clients of the family make, with the answers that they must get here. */
export interface Golden<Case> {
  about: string
  state: GoldenState
  cases: Case[]
}

/** Reads `golden/<name>.json`. */
export function readGolden<Case>(name: string): Golden<Case> {
  return JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8')) as Golden<Case>
}

/** Puts everybody online who was. */
export function load(backend: FakeBackend, { edges, services }: GoldenState): void {
  for (const { edge_id, meta, addr, create_time, rpcs } of edges) {
    backend.addEdge({ edgeId: BigInt(edge_id), meta, address: addr, at: Number(create_time) * 1000, methods: rpcs })
  }
  for (const { service_id, service, addr, create_time, rpcs, topics } of services) {
    backend.addService({ serviceId: BigInt(service_id), name: service, address: addr, at: Number(create_time) * 1000, methods: rpcs, topics })
  }
}
