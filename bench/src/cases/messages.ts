import type { BenchContext } from '../bench-case.js'
import { measureRequests, requestResults } from '../parties/measure-requests.js'
import { startParties } from '../parties/start-parties.js'
import type { RequestSetup } from '../request-load.js'
import type { Result } from '../result.js'

/** Acknowledged messages in both directions: one at a time, which the round trip bounds, and many in flight, which it must not. */
export async function messages(context: BenchContext): Promise<Result[]> {
  const { callPlan: plan, messagesInFlight } = context.options.plan
  const parties = await startParties(context, ['raw', 'sdk'])
  const loads = messagesInFlight.map((inFlight) => ({ size: 64, inFlight }))
  const results: Result[] = []
  for (const direction of ['edge-to-service', 'service-to-edge'] as const) {
    const setup: RequestSetup = { kind: 'message', direction, edges: 1, names: 1 }
    const measurements = await measureRequests(context, parties, setup, { loads, plan })
    results.push(...measurements.flatMap((measurement) => requestResults('messages', setup, measurement)))
  }
  return results
}
