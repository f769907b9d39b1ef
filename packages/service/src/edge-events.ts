import type { EdgeInfo } from './hooks.js'

/** Edges whose last event is remembered; beyond it the one told longest ago is forgotten. */
const REMEMBERED_EDGES = 131_072

type Kind = 'online' | 'offline'

/** Later events of one edge are greater: offline(g) comes after online(g) and before online(g+). */
function rank(kind: Kind, generation: number): number {
  return generation * 2 + (kind === 'online' ? 0 : 1)
}

/**
 * Tells the events of each edge strictly one after another, in the order of its generations: an event that is older than one already told (two
 * gateways tell the same service without knowing of each other) is dropped. Different edges are told side by side.
 */
export class EdgeEvents {
  readonly #told = new Map<bigint, number>()
  /** The last event in work or in line, of edges that have one. */
  readonly #lines = new Map<bigint, Promise<void>>()
  readonly #remembered: number

  constructor(remembered: number = REMEMBERED_EDGES) {
    this.#remembered = remembered
  }

  /** Edges with an event in work. */
  get busyEdges(): number {
    return this.#lines.size
  }

  /** Calls `handler` when all earlier events of this edge are through; rejects with what it throws. An outdated event resolves untold. */
  async tell(kind: Kind, edge: EdgeInfo, handler: (edge: EdgeInfo) => void | Promise<void>): Promise<void> {
    const { edgeId } = edge
    const before = this.#lines.get(edgeId)
    const mine = this.#runAfter(before, kind, edge, handler)
    const line = mine.catch(() => undefined)
    this.#lines.set(edgeId, line)
    try {
      await mine
    } finally {
      if (this.#lines.get(edgeId) === line) this.#lines.delete(edgeId)
    }
  }

  async #runAfter(before: Promise<void> | undefined, kind: Kind, edge: EdgeInfo, handler: (edge: EdgeInfo) => void | Promise<void>): Promise<void> {
    if (before !== undefined) await before
    if (!this.#note(edge.edgeId, rank(kind, edge.generation))) return
    await handler(edge)
  }

  /** Whether nothing newer was told of this edge. */
  #note(edgeId: bigint, newRank: number): boolean {
    const told = this.#told.get(edgeId)
    if (told !== undefined && told > newRank) return false
    // Deleted first, so that the map stays in the order of telling.
    this.#told.delete(edgeId)
    this.#told.set(edgeId, newRank)
    if (this.#told.size > this.#remembered) {
      for (const oldest of this.#told.keys()) {
        this.#told.delete(oldest)
        break
      }
    }
    return true
  }
}
