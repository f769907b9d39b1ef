import type { BenchContext } from '../bench-case.js'
import { cpuPerRequest, measureRequests, type Measurement } from '../parties/measure-requests.js'
import { startParties } from '../parties/start-parties.js'
import type { RequestSetup } from '../request-load.js'
import { resultOf, type Result } from '../result.js'

const SIZE = 64

/** One line of a plot: what is the same at all its steps. */
interface Line {
  readonly name: 'scaling-edges' | 'scaling-methods'
  /** The param that grows. */
  readonly steps: 'edges' | 'methods'
  readonly direction: RequestSetup['direction']
  readonly inFlight: number | 'one each'
}

/**
 * What a call costs the gateway, in microseconds of CPU, as the numbers of edges and of registered methods grow: the same number of calls in flight
 * whatever the number of edges, which go round; one call on each edge; and one edge whose calls take the methods in turn.
 */
export async function scaling(context: BenchContext): Promise<Result[]> {
  const { scalingPlan: plan, scalingInFlight: inFlight, scalingEdges, scalingMethods } = context.options.plan
  const parties = await startParties(context, ['raw'])
  const results: Result[] = []
  for (const direction of ['edge-to-service', 'service-to-edge'] as const) {
    const around = new StepResults({ name: 'scaling-edges', steps: 'edges', direction, inFlight })
    const onEach = new StepResults({ name: 'scaling-edges', steps: 'edges', direction, inFlight: 'one each' })
    for (const edges of scalingEdges) {
      const loads = [
        { size: SIZE, inFlight },
        { size: SIZE, inFlight: edges },
      ]
      const measurements = await measureRequests(context, parties, { kind: 'call', direction, edges, names: 1 }, { loads, plan })
      around.add(edges, measurements.slice(0, parties.length))
      onEach.add(edges, measurements.slice(parties.length))
    }
    const byMethods = new StepResults({ name: 'scaling-methods', steps: 'methods', direction, inFlight })
    for (const names of scalingMethods) {
      byMethods.add(names, await measureRequests(context, parties, { kind: 'call', direction, edges: 1, names }, { loads: [{ size: SIZE, inFlight }], plan }))
    }
    results.push(...around.all, ...onEach.all, ...byMethods.all)
  }
  return results
}

/** The results of a line, step by step: what a call costs, and how that has grown since the step before: as a part of the step, where edges grow. */
class StepResults {
  readonly all: Result[] = []
  readonly #line: Line
  /** By party. */
  #before: Result[] | undefined
  #stepBefore = 0

  constructor(line: Line) {
    this.#line = line
  }

  add(step: number, measurements: readonly Measurement[]): void {
    const { name, steps, direction, inFlight } = this.#line
    const common = { direction, size: SIZE, inFlight }
    const costs = measurements.map(({ party: { through, by }, rounds, ceiling }) =>
      resultOf({ name, params: { through, by, ...common, [steps]: step }, unit: 'us/call' }, cpuPerRequest(rounds), ceiling && cpuPerRequest(ceiling)),
    )
    this.all.push(...costs)
    const before = this.#before
    if (before !== undefined) {
      const linear = steps === 'edges' ? step / this.#stepBefore : 1
      const growth = costs.map(({ value }, index) => ({ values: [value / before[index]!.value / linear] }))
      const params = { through: 'gateway', by: 'raw', ...common, from: this.#stepBefore, to: step }
      this.all.push(resultOf({ name: `${name}-growth`, params, unit: steps === 'edges' ? 'of linear' : 'times' }, growth[1]!, growth[0]))
    }
    this.#before = costs
    this.#stepBefore = step
  }
}
