import { writeFileSync } from 'node:fs'
import path from 'node:path'

import type { BenchContext } from '../bench-case.js'
import { measureRequests, requestResults } from '../parties/measure-requests.js'
import { startParty } from '../parties/party.js'
import { makeCertificate, type Certificate } from '../process/certificate.js'
import { startGateway } from '../process/gateway.js'
import { startTlsRelay } from '../process/relays.js'
import type { RequestSetup } from '../request-load.js'
import type { Result } from '../result.js'

const setup: RequestSetup = { kind: 'call', direction: 'edge-to-service', edges: 1, names: 1 }

/** Calls through TLS on both sides, beside a relay that speaks TLS, too. */
export async function tls(context: BenchContext): Promise<Result[]> {
  const { plan, profile } = context.options
  const certificate = await makeCertificate()
  context.own(certificate)
  const { ca } = certificate
  const config = writeConfig(certificate)
  const parties = await Promise.all([
    startParty(context, { through: 'relay', by: 'raw', ca }, startTlsRelay(certificate, profile)),
    startParty(context, { through: 'gateway', by: 'raw', ca }, startGateway('gateway-tls-raw', profile, config)),
    startParty(context, { through: 'gateway', by: 'sdk', ca }, startGateway('gateway-tls-sdk', profile, config)),
  ])
  const measurements = await measureRequests(context, parties, setup, { loads: plan.tlsLoads, plan: plan.callPlan })
  return measurements.flatMap((measurement) => requestResults('tls-calls', setup, measurement))
}

/** The defaults but for TLS. */
function writeConfig({ certFile, keyFile, folder }: Certificate): string {
  const file = path.join(folder, 'frontier.yaml')
  const listen = { tls: { enable: true, certs: [{ cert: certFile, key: keyFile }] } }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ servicebound: { listen }, edgebound: { listen } }))
  return file
}
