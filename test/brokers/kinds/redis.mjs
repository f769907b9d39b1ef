import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { certificate } from '../certificates.mjs'
import { aptInstall, run, which } from '../install-tools.mjs'
import { redis as answers } from '../probes.mjs'
import { host, password, username } from '../setting.mjs'

export const names = ['redis', 'redis-auth', 'redis-tls', 'redis-sentinel', 'redis-cluster']
const program = 'redis-server'

export function missing() {
  return which(program) === undefined ? program : undefined
}

export async function install() {
  if (missing() !== undefined) await aptInstall('redis-server')
}

/** What was written is there after a restart; what was answered is, even after a SIGKILL: the kernel has it. */
const durable = ['appendonly yes', 'appendfsync everysec', 'save ""', 'repl-diskless-sync-delay 0', 'shutdown-timeout 0']

/** @type {import('../kind.d.ts').Describe} */
export function describe(name, { ports, data }) {
  /** A node of its own with lines of configuration, written once: Redis and Sentinel keep their state in that file. */
  const node = (/** @type {string} */ process, /** @type {string[]} */ lines, /** @type {() => Promise<void>} */ ready) => {
    const folder = path.join(data, process)
    const file = path.join(folder, 'redis.conf')
    return {
      name: process,
      prepare: () => {
        mkdirSync(folder, { recursive: true })
        writeFileSync(file, ['bind 127.0.0.1', 'daemonize no', `dir ${folder}`, 'loglevel warning', ...lines, ''].join('\n'), { flag: 'wx' })
      },
      isFirst: process.startsWith('node'),
      command: [which(program) ?? program, file, ...(process.startsWith('sentinel') ? ['--sentinel'] : [])],
      ready,
    }
  }
  const [port = 0] = ports
  const address = host(port)
  switch (name) {
    case 'redis-auth': {
      const lines = [`port ${port}`, 'requirepass default-secret', `user ${username} on >${password} ~* &* +@all`, 'user reader on >reader-secret ~* &* +@read +@connection']
      return {
        processes: [node('redis', [...lines, ...durable], () => answers(port, [`AUTH ${username} ${password}`]))],
        address,
        credentials: { username, password },
        env: { REDIS_AUTH_URL: `redis://${username}:${password}@${address}`, REDIS_DEFAULT_PASSWORD: 'default-secret' },
      }
    }
    case 'redis-tls': {
      const files = [`tls-cert-file ${certificate('server.pem')}`, `tls-key-file ${certificate('server.key')}`, `tls-ca-cert-file ${certificate('ca.pem')}`]
      const lines = ['port 0', `tls-port ${port}`, ...files, 'tls-auth-clients optional', ...durable]
      const secure = host(port, 'localhost')
      return {
        processes: [node('redis', lines, () => answers(port, [], { secure: true }))],
        address: secure,
        tls: secure,
        env: { REDIS_TLS_URL: `rediss://${secure}` },
      }
    }
    case 'redis-sentinel': {
      const nodes = ports.slice(0, 3)
      const sentinels = ports.slice(3, 6)
      const watch = [`sentinel monitor frontier 127.0.0.1 ${port} 2`, 'sentinel down-after-milliseconds frontier 1000', 'sentinel failover-timeout frontier 4000']
      const known = /num-slaves\r\n\$\d+\r\n2\r\n[^]*num-other-sentinels\r\n\$\d+\r\n2\r\n/
      return {
        processes: [
          ...nodes.map((own, index) => {
            const replica = own === port ? [] : [`replicaof 127.0.0.1 ${port}`]
            // After a failover it may be either.
            const linked = { expected: /master_link_status:up|role:master/ }
            return node(`node${index + 1}`, [`port ${own}`, ...replica, ...durable], () => answers(own, ['INFO replication'], linked))
          }),
          ...sentinels.map((own, index) =>
            node(`sentinel${index + 1}`, [`port ${own}`, ...watch, 'sentinel parallel-syncs frontier 1'], () => answers(own, ['SENTINEL MASTER frontier'], { expected: known })),
          ),
        ],
        address: host(ports[3] ?? 0),
        addresses: sentinels.map((own) => host(own)),
        env: { REDIS_SENTINELS: sentinels.map((own) => host(own)).join(','), REDIS_SENTINEL_MASTER: 'frontier' },
      }
    }
    case 'redis-cluster': {
      const nodes = ports.slice(0, 6)
      const lines = (/** @type {number} */ own) => [`port ${own}`, 'cluster-enabled yes', `cluster-port ${own + 6}`, 'cluster-node-timeout 1500', 'cluster-config-file nodes.conf', ...durable]
      const all = nodes.map((own) => host(own))
      return {
        processes: nodes.map((own, index) => node(`node${index + 1}`, lines(own), () => answers(own, []))),
        async once() {
          await run(which('redis-cli') ?? 'redis-cli', ['--cluster', 'create', ...all, '--cluster-replicas', '1', '--cluster-yes'])
        },
        ready: async () => {
          // Each node knows who copies whom, and each copy is linked: only then can it take over.
          for (const own of nodes) {
            await answers(own, ['CLUSTER INFO', 'CLUSTER NODES'], { expected: /cluster_state:ok[^]*(\bslave\b[^]*){3}/ })
            await answers(own, ['INFO replication'], { expected: /role:master\r\nconnected_slaves:1|master_link_status:up/ })
          }
        },
        address,
        addresses: all,
        env: { REDIS_CLUSTER_NODES: all.join(',') },
      }
    }
    default:
      return { processes: [node('redis', [`port ${port}`, ...durable], () => answers(port, []))], address, env: { REDIS_URL: `redis://${address}` } }
  }
}
