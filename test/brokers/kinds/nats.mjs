import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { certificate } from '../certificates.mjs'
import { build, built, isBuilt, run, which } from '../install-tools.mjs'
import { page } from '../probes.mjs'
import { host, password, username } from '../setting.mjs'
import { account, accountJwt, creds, nkey, nkeySeed, operator } from './nats-keys.mjs'

export const names = ['nats', 'nats-user', 'nats-token', 'nats-tls', 'nats-nkey', 'nats-jwt', 'nats-mtls', 'nats3']
const VERSION = '2.14.9'
const dist = `nats-${VERSION}`

/** The path of the server, for whoever starts it in another way. */
export const program = built(dist, 'nats-server')

export function missing() {
  return isBuilt(dist) ? undefined : `nats-server ${VERSION}${which('go') === undefined ? ', and go to build it' : ''}`
}

export function install() {
  return build(dist, (folder) => run('go', ['install', `github.com/nats-io/nats-server/v2@v${VERSION}`], { env: { ...process.env, GOBIN: folder } }))
}

/** @type {import('../kind.d.ts').Describe} */
export function describe(name, { ports, data }) {
  const [port = 0] = ports
  /** A server: its clients on `own`, its monitor on the next port but two. */
  const server = (/** @type {string} */ process, /** @type {number} */ own, /** @type {string[]} */ lines) => {
    const file = path.join(data, `${process}.conf`)
    return {
      name: process,
      prepare: () => writeFileSync(file, ['host: 127.0.0.1', `port: ${own}`, `http: 127.0.0.1:${own + 3}`, ...lines, ''].join('\n')),
      command: [program, '-c', file],
      ready: () => page(own + 3, '/healthz'),
    }
  }
  const address = host(port)
  const secure = host(port, 'localhost')
  const url = `nats://${address}`
  const files = () => `cert_file: "${certificate('server.pem')}", key_file: "${certificate('server.key')}", ca_file: "${certificate('ca.pem')}"`
  // Whatever was acknowledged survives a SIGKILL anyway: the kernel has it.
  const jetstream = (/** @type {string} */ process) => `jetstream { store_dir: "${path.join(data, process)}", max_mem: 256M, max_file: 2G }`
  switch (name) {
    case 'nats-user':
      return {
        processes: [server('nats', port, [`authorization { users: [ { user: ${username}, password: "${password}" } ] }`])],
        address,
        credentials: { username, password },
        env: { NATS_USER_URL: url, NATS_USER: username, NATS_PASSWORD: password },
      }
    case 'nats-token':
      return {
        processes: [server('nats', port, [`authorization { token: "${password}" }`])],
        address,
        credentials: { token: password },
        env: { NATS_TOKEN_URL: url, NATS_TOKEN: password },
      }
    case 'nats-nkey':
      return {
        processes: [server('nats', port, [`authorization { users: [ { nkey: ${nkey} } ] }`])],
        address,
        credentials: { nkeySeed },
        env: { NATS_NKEY_URL: url },
      }
    case 'nats-jwt':
      return {
        processes: [server('nats', port, [`operator: ${operator}`, 'resolver: MEMORY', `resolver_preload: { ${account}: ${accountJwt} }`])],
        address,
        credentials: { creds },
        env: { NATS_JWT_URL: url },
      }
    case 'nats-tls':
      return { processes: [server('nats', port, [`tls { ${files()} }`])], address: secure, tls: secure, env: { NATS_TLS_URL: `tls://${secure}` } }
    case 'nats-mtls':
      return { processes: [server('nats', port, [`tls { ${files()}, verify: true, handshake_first: true }`])], address: secure, tls: secure, env: { NATS_MTLS_URL: `tls://${secure}` } }
    case 'nats3': {
      const servers = ports.slice(0, 3)
      const routes = servers.map((own) => `"nats://${host(own + 6)}"`).join(', ')
      const addresses = servers.map((own) => host(own))
      return {
        processes: servers.map((own, index) =>
          server(`nats${index + 1}`, own, [`server_name: n${index + 1}`, jetstream(`nats${index + 1}`), `cluster { name: frontier, listen: "${host(own + 6)}", routes: [ ${routes} ] }`]),
        ),
        address,
        addresses,
        env: { NATS3_URLS: addresses.map((one) => `nats://${one}`).join(',') },
      }
    }
    default:
      return { processes: [server('nats', port, [jetstream('store')])], address, env: { NATS_URL: url, NATS_MONITOR: `http://${host(port + 3)}` } }
  }
}
