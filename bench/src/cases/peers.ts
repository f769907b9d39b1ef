import type { BenchContext } from '../bench-case.js'
import { measureRequests, requestResults } from '../parties/measure-requests.js'
import { startParty, type Party } from '../parties/party.js'
import { startParties } from '../parties/start-parties.js'
import { findNatsServer, startNats } from '../process/nats.js'
import { startPeerRelay } from '../process/relays.js'
import type { RequestSetup } from '../request-load.js'
import type { Result } from '../result.js'

const setup: RequestSetup = { kind: 'call', direction: 'edge-to-service', edges: 1, names: 1 }

/** The same calls through what else one might use: one requester, one responder, both in Node. */
export async function peers(context: BenchContext): Promise<Result[]> {
  const { callPlan: plan, peersInFlight } = context.options.plan
  const parties = [...(await startParties(context, ['raw', 'sdk'])), ...(await startPeers(context))]
  const loads = peersInFlight.map((inFlight) => ({ size: 64, inFlight }))
  const measurements = await measureRequests(context, parties, setup, { loads, plan })
  return measurements.flatMap((measurement) => requestResults('peers', setup, measurement))
}

async function startPeers(context: BenchContext): Promise<Party[]> {
  const { profile } = context.options
  const nats = findNatsServer()
  if (nats === undefined) context.missing('NATS', 'no nats-server on the PATH, nor a program at NATS_SERVER')
  const isGoNamed = (process.env['FRONTIER_GO_GATEWAY'] ?? '') !== ''
  context.missing('Go Frontier', isGoNamed ? 'its protocol is not spoken here yet' : 'FRONTIER_GO_GATEWAY names no binary')
  return Promise.all([
    ...(nats === undefined ? [] : [startParty(context, { through: 'nats', by: 'nats' }, startNats(nats))]),
    startParty(context, { through: 'socket-io', by: 'socket-io' }, startPeerRelay('socket-io-relay', profile)),
    startParty(context, { through: 'ws', by: 'ws' }, startPeerRelay('ws-relay', profile)),
  ])
}
