import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { certificate } from '../certificates.mjs'
import { aptInstall, which } from '../install-tools.mjs'
import { amqp, exchange } from '../probes.mjs'
import { host } from '../setting.mjs'

export const names = ['rabbitmq']
// Debian's own program on the PATH is a wrapper that becomes the user rabbitmq; the one behind it runs as whoever calls it.
const server = () => which('rabbitmq-server', '/usr/lib/rabbitmq/bin')

export function missing() {
  if (server() === undefined) return 'rabbitmq-server'
  return which('epmd') === undefined ? 'epmd, of Erlang' : undefined
}

export async function install() {
  if (missing() !== undefined) await aptInstall('rabbitmq-server')
}

/** @type {import('../kind.d.ts').Describe} */
export function describe(_name, { ports, data }) {
  const [port = 0, tls = 0, epmd = 0, distribution = 0] = ports
  const file = (/** @type {string} */ name) => path.join(data, name)
  const env = {
    HOME: data, // for the Erlang cookie
    RUNNING_UNDER_SYSTEMD: 'true', // the script becomes the node, instead of a shell that waits for it
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(epmd),
    RABBITMQ_NODENAME: `frontier-${port}@localhost`,
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_CONF_ENV_FILE: file('none'),
    RABBITMQ_CONFIG_FILE: file('rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: file('plugins'),
    RABBITMQ_MNESIA_BASE: file('mnesia'),
    RABBITMQ_LOG_BASE: file('log'),
    RABBITMQ_LOGS: '-',
    // On loopback alone, with two schedulers that sleep when there is nothing to do.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
  }
  const configuration = `listeners.tcp.1 = ${host(port)}
listeners.ssl.1 = ${host(tls)}
ssl_options.cacertfile = ${certificate('ca.pem')}
ssl_options.certfile = ${certificate('server.pem')}
ssl_options.keyfile = ${certificate('server.key')}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false
log.console = true
log.console.level = warning
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
`
  const address = host(port)
  const secure = host(tls, 'localhost')
  return {
    processes: [
      // RabbitMQ would start one of its own, which would stay behind.
      { name: 'epmd', isFirst: true, command: [which('epmd') ?? 'epmd'], env, ready: () => exchange(epmd, { request: Buffer.from([0, 1, 0x6e]), isWhole: (so) => so.length >= 4 }) },
      {
        name: 'rabbitmq',
        prepare() {
          mkdirSync(file('log'), { recursive: true })
          writeFileSync(file('plugins'), '[].')
          writeFileSync(file('rabbitmq.conf'), configuration)
        },
        command: [server() ?? 'rabbitmq-server'],
        env,
        ready: () => amqp(port),
      },
    ],
    address,
    credentials: { username: 'guest', password: 'guest' },
    tls: secure,
    env: { RABBITMQ_URL: `amqp://guest:guest@${address}`, RABBITMQ_TLS_URL: `amqps://guest:guest@${secure}` },
  }
}
