import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { loadFrontierConfig, parseFrontierConfig, resolveFrontierConfig } from './index.js'

const parse = (text: string, env: Record<string, string> = {}) => parseFrontierConfig(text, 'frontier.yaml', { env })

function problemOf(text: string, env: Record<string, string> = {}): string {
  try {
    parse(text, env)
  } catch (error) {
    expect(error).toMatchObject({ name: 'FrontierError', code: 'INVALID_ARGUMENT' })
    expect((error as Error).message).not.toContain('\n')
    return (error as { reason: string }).reason
  }
  throw new Error('nothing was thrown')
}

describe('parseFrontierConfig', () => {
  it.each(['', '# nothing but a comment\n', '---\n', 'edgebound:\n  # listen:\nservicebound:\n', '{}'])('takes %j for the defaults', (text) => {
    expect(parse(text)).toEqual(resolveFrontierConfig())
  })

  it('reads what a file of the family says', () => {
    const config = parse(`
daemon:
  frontier_id: frontier01
edgebound:
  listen:
    network: tcp
    addr: 0.0.0.0:2432
    advertised_addr: edges.example:2432
    tls:
      enable: true
      mtls: true
      ca_certs:
        - ca1.cert
        - ca2.cert
      insecure_skip_verify: false
      certs:
        - cert: edgebound.cert
          key: edgebound.key
  edgeid_alloc_when_no_idservice_on: true
exchange:
  hashby: srcip
`)
    expect(config).toMatchObject({
      daemon: { frontier_id: 'frontier01' },
      edgebound: {
        listen: {
          addr: '0.0.0.0:2432',
          advertised_addr: 'edges.example:2432',
          tls: { enable: true, mtls: true, ca_certs: ['ca1.cert', 'ca2.cert'], certs: [{ cert: 'edgebound.cert', key: 'edgebound.key' }] },
        },
      },
      exchange: { hashby: 'srcip' },
    })
  })

  it.each([
    ['an unknown key', 'log:\n  level: info\n\nedgebound:\n  # here\n  lisen:\n    addr: :1\n', 'frontier.yaml:6: unknown key edgebound.lisen; did you mean listen?'],
    ['a wrong type', 'edgebound:\n  listen:\n    addr: 30012\n', 'frontier.yaml:3: edgebound.listen.addr must be text, not a number: put it in quotes'],
    ['a text for a number', 'edgebound:\n  ping_interval_seconds: 30s\n', 'frontier.yaml:2: edgebound.ping_interval_seconds must be a number, not text'],
    ['a word that is none', 'exchange:\n  hashby: edge\n', 'frontier.yaml:2: exchange.hashby must be one of edgeid, srcip, random, not "edge"'],
    ['yes, which YAML takes for text', 'edgebound:\n  listen:\n    tls:\n      enable: yes\n', 'frontier.yaml:4: edgebound.listen.tls.enable must be true or false, not text'],
    ['an entry of a list', 'edgebound:\n  listen:\n    tls:\n      certs:\n        - cert: a\n          key: b\n        - cert: c\n', 'frontier.yaml:7: edgebound.listen.tls.certs[1].key is missing'],
    ['an empty entry of a list', 'edgebound:\n  listen:\n    tls:\n      ca_certs:\n        - a\n        -\n', 'frontier.yaml:6: edgebound.listen.tls.ca_certs[1] must be text, not nothing'],
    ['what is missing: the section', 'edgebound:\n  listen:\n    tls:\n      enable: true\n', 'frontier.yaml:3: edgebound.listen.tls.certs must name a certificate when tls is enabled'],
    ['a key of a later version', '\nfrontlas:\n  enable: true\n', 'frontier.yaml:2: frontlas is not supported by this version yet'],
    ['a broker without an address', '\nmqm:\n  nsq:\n    enable: true\n    consume: [{ from: a }]\n', 'frontier.yaml:3: mqm.nsq.addrs must not be empty when it is enabled'],
    ['a list for everything', '- edgebound\n', 'frontier.yaml:1: the configuration must be a section, not a list'],
    ['a flow mapping', 'edgebound: {listen: {addr: ":1",\n  networkk: tcp}}\n', 'frontier.yaml:2: unknown key edgebound.listen.networkk; did you mean network?'],
    ['an alias', 'servicebound: &side\n  listen: {nett: tcp}\nedgebound: *side\n', 'frontier.yaml:2: unknown key servicebound.listen.nett; frontier.yaml:2: unknown key edgebound.listen.nett'],
    ['a number for a key', 'edgebound:\n  7: x\n', 'frontier.yaml:2: unknown key edgebound.7'],
    ['a duplicate key', 'log:\n  level: info\nlog:\n  level: warn\n', 'frontier.yaml:3: Map keys must be unique'],
    ['a tab', 'log:\n\tlevel: info\n', 'frontier.yaml:2: Tabs are not allowed as indentation'],
    ['two documents', 'log:\n---\nlog:\n', 'frontier.yaml:2: Source contains multiple documents; please use YAML.parseAllDocuments()'],
    ['an unknown tag', 'log:\n  level: !loud info\n', 'frontier.yaml:2: Unresolved tag: !loud'],
    ['an alias of nothing', 'log: *nothing\n', 'frontier.yaml:1: Unresolved alias (the anchor must be set before the alias): nothing'],
  ])('names the line of %s', (_, text, message) => {
    expect(problemOf(text)).toBe(message)
  })

  it('blames the environment for what the environment did', () => {
    expect(problemOf('log:\n  level: info\n', { LOG_LEVEL: 'loud' })).toMatch(/^environment LOG_LEVEL: log\.level must be one of/)
  })

  it('does not let a few lines of aliases take the memory', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 12; level++) lines.push(`a${level}: &a${level} [${Array(10).fill(`*a${level - 1}`).join(', ')}]`)
    expect(problemOf(lines.join('\n'))).toContain('frontier.yaml:1: Excessive alias count')
  })

  it('is not fooled by names that every object has', () => {
    expect(problemOf('__proto__:\n  polluted: true\nconstructor: 1\n')).toContain('unknown key')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })
})

describe('loadFrontierConfig', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'frontier-config-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('goes flag, environment, file, default', async () => {
    const file = path.join(folder, 'frontier.yaml')
    await writeFile(file, 'log:\n  level: error\nedgebound:\n  listen:\n    addr: 127.0.0.1:1\ndaemon:\n  drain_seconds: 5\n')
    const env = { LOG_LEVEL: 'warn', FRONTIER_EDGEBOUND_PORT: '2' }
    const config = await loadFrontierConfig(file, { env, flags: { loglevel: 'debug' } })
    expect(config.log.level).toBe('debug')
    expect(config.edgebound.listen.addr).toBe('127.0.0.1:2')
    expect(config.daemon.drain_seconds).toBe(5)
    expect(config.exchange.hashby).toBe('edgeid')
  })

  it('names the file as it was asked for', async () => {
    const file = path.join(folder, 'gateway.yml')
    await writeFile(file, 'edgebound:\n  lisen: 1\n')
    await expect(loadFrontierConfig(file)).rejects.toMatchObject({ reason: `${file}:2: unknown key edgebound.lisen; did you mean listen?` })
  })

  it('says why a file cannot be read', async () => {
    const missing = path.join(folder, 'none.yaml')
    await expect(loadFrontierConfig(missing)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      reason: `cannot read ${missing}: there is no such file`,
    })
    await expect(loadFrontierConfig(folder)).rejects.toMatchObject({ reason: `cannot read ${folder}: it is a folder` })
  })
})
