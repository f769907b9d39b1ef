import { frameLabel } from './frame-label.js'

/** What `node --cpu-prof` writes, as far as it is used here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  /** Ids of the nodes that were running. */
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

/** A function called from one place of the tree. */
export interface ProfileNode {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string }
  readonly children?: readonly number[]
}

/** A function with all that it called. */
export interface Frame {
  readonly label: string
  /** Microseconds in it and in what it called. */
  totalUs: number
  readonly children: Map<string, Frame>
}

/** What the process waits for work in: not a cost. */
const IDLE = '(idle)'

/** The tree of calls, the same function below the same caller once, without the time in which nothing was to do. */
export function callTreeOf({ nodes, samples, timeDeltas }: CpuProfile): Frame {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const selfUs = new Map<number, number>()
  for (const [index, id] of samples.entries()) selfUs.set(id, (selfUs.get(id) ?? 0) + Math.max(0, timeDeltas[index] ?? 0))

  const add = (id: number, into: Frame): number => {
    const { children = [] } = byId.get(id)!
    let totalUs = selfUs.get(id) ?? 0
    for (const child of children) {
      const { callFrame } = byId.get(child)!
      if (callFrame.functionName === IDLE) continue
      const label = frameLabel(callFrame)
      const frame = into.children.get(label) ?? { label, totalUs: 0, children: new Map<string, Frame>() }
      into.children.set(label, frame)
      totalUs += add(child, frame)
    }
    into.totalUs += totalUs
    return totalUs
  }
  const root: Frame = { label: 'all', totalUs: 0, children: new Map() }
  const first = nodes[0]
  if (first !== undefined) add(first.id, root)
  return root
}
