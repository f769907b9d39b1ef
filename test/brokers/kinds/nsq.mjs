import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { certificate } from '../certificates.mjs'
import { build, built, isBuilt, run, which } from '../install-tools.mjs'
import { page } from '../probes.mjs'
import { host } from '../setting.mjs'

export const names = ['nsq']
const VERSION = '1.3.0'
const dist = `nsq-${VERSION}`

// `go install` refuses a module whose go.mod has a `replace`: this one repeats it.
const goMod = `module frontier.test/nsq

go 1.17

require github.com/nsqio/nsq v${VERSION}

replace github.com/judwhite/go-svc => github.com/mreiferson/go-svc v1.2.2-0.20210815184239-7a96e00010f6
`

export function missing() {
  return isBuilt(dist) ? undefined : `nsq ${VERSION}${which('go') === undefined ? ', and go to build it' : ''}`
}

export function install() {
  return build(dist, async (cwd) => {
    writeFileSync(path.join(cwd, 'go.mod'), goMod)
    const programs = ['nsqd', 'nsqlookupd'].map((name) => `github.com/nsqio/nsq/apps/${name}`)
    await run('go', ['build', '-mod=mod', '-o', cwd, ...programs], { cwd })
  })
}

/** @type {import('../kind.d.ts').Describe} */
export function describe(_name, { ports, data }) {
  const [lookupd = 0, lookupdHttp = 0, ...others] = ports
  const nsqd = (/** @type {number} */ index) => {
    const [tcp = 0, http = 0, https = 0] = others.slice(3 * index)
    const name = `nsqd${index + 1}`
    const folder = path.join(data, name)
    // With a certificate nsqd would open HTTPS on every address of the machine, unless it is told where.
    const addresses = ['-tcp-address', host(tcp), '-http-address', host(http), '-https-address', host(https), '-broadcast-address', '127.0.0.1']
    const tls = ['-tls-cert', certificate('server.pem'), '-tls-key', certificate('server.key')]
    return {
      tcp: host(tcp),
      http: host(http),
      plan: {
        name,
        prepare: () => void mkdirSync(folder, { recursive: true }),
        command: [built(dist, 'nsqd'), ...addresses, ...tls, '-lookupd-tcp-address', host(lookupd), '-data-path', folder, '-node-id', String(index + 1), '-log-level', 'warn'],
        ready: () => page(http, '/ping'),
      },
    }
  }
  const daemons = [nsqd(0), nsqd(1)]
  const tcp = daemons.map((daemon) => daemon.tcp)
  const flags = ['-tcp-address', host(lookupd), '-http-address', host(lookupdHttp), '-broadcast-address', '127.0.0.1', '-log-level', 'warn']
  return {
    processes: [{ name: 'lookupd', isFirst: true, command: [built(dist, 'nsqlookupd'), ...flags], ready: () => page(lookupdHttp, '/ping') }, ...daemons.map((daemon) => daemon.plan)],
    async ready() {
      const { producers } = JSON.parse(await page(lookupdHttp, '/nodes'))
      if (producers.length < 2) throw new Error(`${producers.length} of 2 nsqd registered`)
    },
    address: tcp[0] ?? '',
    addresses: tcp,
    tls: tcp[0] ?? '',
    env: { NSQD_TCP: tcp.join(','), NSQD_HTTP: daemons.map((daemon) => daemon.http).join(','), NSQLOOKUPD_HTTP: host(lookupdHttp) },
  }
}
