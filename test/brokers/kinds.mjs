import * as certificates from './certificates.mjs'
import { alone } from './install-tools.mjs'
import * as kafka from './kinds/kafka.mjs'
import * as nats from './kinds/nats.mjs'
import * as nsq from './kinds/nsq.mjs'
import * as rabbitmq from './kinds/rabbitmq.mjs'
import * as redis from './kinds/redis.mjs'

const kinds = [redis, nats, nsq, rabbitmq, kafka]

/** Every broker that can be started, variants included. */
export const brokerNames = kinds.flatMap((kind) => kind.names)

/** What makes up a broker. @throws for a name that is none. */
export function kindOf(/** @type {string} */ name) {
  const kind = kinds.find(({ names }) => names.includes(name))
  if (kind === undefined) throw new Error(`no broker ${name}; there are ${brokerNames.join(', ')}`)
  return kind
}

/** What is missing on this machine for a broker, in words; undefined when it can be started. */
export function whatIsMissing(/** @type {string} */ name) {
  return certificates.missingCertificates() ?? kindOf(name).missing()
}

/** Installs what these brokers need, side by side. @throws with every reason why it could not. */
export async function installBrokers(/** @type {readonly string[]} */ names) {
  await alone(async () => {
    await certificates.makeCertificates()
    const results = await Promise.allSettled([...new Set(names.map(kindOf))].map((kind) => kind.install()))
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason?.message ?? result.reason)] : []))
    if (failures.length > 0) throw new Error(failures.join('\n'))
  })
}
