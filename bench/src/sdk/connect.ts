import { connectEdge, type Edge } from '@frontier/edge'
import { connectService, type Service } from '@frontier/service'

import type { EndTarget } from '../request-load.js'

/** How many connections are being made at once. */
const AT_ONCE = 64

/** What the end that answers has beside the other one. */
type Answering = Pick<NonNullable<Parameters<typeof connectEdge>[1]>, 'methods' | 'onMessage'> & { topics?: string[] }

/** Connects the edges of a target. */
export async function connectEdges(target: EndTarget, { methods, onMessage }: Answering = {}): Promise<Edge[]> {
  const edges: Edge[] = []
  const options = { ...tlsOf(target), ...(methods && { methods }), ...(onMessage && { onMessage }) }
  while (edges.length < target.links) {
    const some = Math.min(AT_ONCE, target.links - edges.length)
    edges.push(...(await Promise.all(Array.from({ length: some }, () => connectEdge(addressOf(target), options)))))
  }
  return edges
}

/** Connects the service of a target. */
export function connectOneService(target: EndTarget, answering: Answering = {}): Promise<Service> {
  return connectService(addressOf(target), { name: 'bench', ...tlsOf(target), ...answering })
}

function addressOf({ port, ca }: EndTarget): string {
  return `${ca === undefined ? 'tcp' : 'tls'}://127.0.0.1:${port}`
}

function tlsOf({ ca }: EndTarget): { tls?: { ca: string } } {
  return ca === undefined ? {} : { tls: { ca } }
}
