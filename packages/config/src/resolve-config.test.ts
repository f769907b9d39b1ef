import { describe, expect, expectTypeOf, it } from 'vitest'

import { resolveFrontierConfig, type FrontierConfig, type FrontierConfigInput } from './index.js'
import { valueAt, withValueAt } from './key-path.js'

const pathOf = (key: string): string[] => key.split('.')

function resolveKey(key: string, value: unknown): unknown {
  return valueAt(resolveFrontierConfig(withValueAt({}, pathOf(key), value) as FrontierConfigInput), pathOf(key))
}

function problemOf(input: unknown): string {
  try {
    resolveFrontierConfig(input as FrontierConfigInput)
  } catch (error) {
    expect(error).toMatchObject({ name: 'FrontierError', code: 'INVALID_ARGUMENT' })
    return (error as { reason: string }).reason
  }
  throw new Error('nothing was thrown')
}

const problemOfKey = (key: string, value: unknown): string => problemOf(withValueAt({}, pathOf(key), value))

function leafKeys(tree: object, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? leafKeys(value, `${prefix}${key}.`) : [prefix + key],
  )
}

const MIB = 1024 * 1024

// Every key: its default, other values it takes, values it refuses.
const listenKeys = (side: string, port: number): [string, unknown, unknown[], unknown[]][] => [
  [`${side}.listen.network`, 'tcp', [], ['udp', 'sctp', 'TCP', 6]],
  [`${side}.listen.addr`, `0.0.0.0:${port}`, [':1', '127.0.0.1:0', '[::]:30012', 'gateway.example:65535'], ['0.0.0.0', 'a:65536', 'a:b', '::1:30012', 30_012, '']],
  [`${side}.listen.advertised_addr`, '', ['edge.example:443'], [443]],
  [`${side}.listen.tls.enable`, false, [], ['yes', 1]],
  [`${side}.listen.tls.mtls`, false, [], [true, 'no']],
  [`${side}.listen.tls.ca_certs`, [], [['ca.pem']], ['ca.pem', [1], ['']]],
  [`${side}.listen.tls.certs`, [], [[{ cert: 'a.pem', key: 'a.key' }]], [{}, [{ cert: 'a.pem' }], ['a.pem'], [{ cert: '', key: 'k' }]]],
  [`${side}.listen.tls.insecure_skip_verify`, false, [], [true, 'false']],
]
const boundKeys = (side: string): [string, unknown, unknown[], unknown[]][] => [
  [`${side}.ping_interval_seconds`, 30, [0.25, 5, 86_400], [0, -1, 86_401, '30s', Infinity, NaN]],
  [`${side}.handshake_timeout_seconds`, 10, [0.5], [0, '10']],
  [`${side}.sniff_timeout_seconds`, 5, [0.5], [0, true]],
]
const limitKeys = (side: string, defaults: Record<string, number>): [string, unknown, unknown[], unknown[]][] =>
  Object.entries(defaults).map(([key, value]) => [`${side}.limits.${key}`, value, [value + 1], [0, -5, 1.5, '1', 2 ** 31]])

const keys: [string, unknown, unknown[], unknown[]][] = [
  ['log.level', 'info', ['debug', 'warn', 'error'], ['loud', 'trace', 3, '']],
  ['daemon.frontier_id', '', ['frontier-1', 'ä'.repeat(255)], ['a b', 'a\n', 'x'.repeat(256), 12]],
  ['daemon.drain_seconds', 30, [0, 2.5], [-1, '30', Infinity]],
  ...listenKeys('servicebound', 30_011),
  ...boundKeys('servicebound'),
  ...limitKeys('servicebound', {
    max_links: 100_000,
    queue_mark_bytes: 8 * MIB,
    queue_hard_mark_bytes: 64 * MIB,
    max_requests_to: 65_536,
    max_requests_from: 131_072,
    max_streams: 65_536,
    stream_queue_bytes: 256 * MIB,
    max_names: 65_536,
  }),
  ...listenKeys('edgebound', 30_012),
  ...boundKeys('edgebound'),
  ...limitKeys('edgebound', {
    max_links: 1_000_000,
    queue_mark_bytes: MIB,
    queue_hard_mark_bytes: 16 * MIB,
    max_requests_to: 8_192,
    max_requests_from: 8_192,
    max_streams: 4_096,
    stream_queue_bytes: 64 * MIB,
    max_names: 1_024,
  }),
  ['edgebound.edgeid_alloc_when_no_idservice_on', true, [false, 'until_seen'], ['maybe', 1, 'true']],
  ['controlplane.enable', false, [true], ['yes', 1]],
  ...listenKeys('controlplane', 30_010),
  ['controlplane.auth.tokens', [], [[{ name: 'a', role: 'read', token: 'x'.repeat(16) }]], ['x', [{}]]],
  ['controlplane.auth.certificates', [], [], [[{ name: 'a', role: 'read', subject: 'CN=a' }], 'CN=a']],
  ['controlplane.audit.file', '', ['/var/log/audit.jsonl'], [7]],
  ['controlplane.max_body_bytes', 4 * MIB, [1_024, 1024 * MIB], [1_023, 1024 * MIB + 1, '4MiB']],
  ['exchange.hashby', 'edgeid', ['srcip', 'random'], ['edge', 'EDGEID', 1]],
  ['exchange.resume_key', '', ['0123456789abcdef'], ['short', 1_234_567_890_123_456, true]],
  ['exchange.max_frame_bytes', 32_768, [65_536, MIB], [32_767, MIB + 1, 40_000.5]],
  ['exchange.max_payload_bytes', 16 * MIB, [1_024, 1024 * MIB], [1_023, 1024 * MIB + 1, '16MiB']],
  ['dao.backend', 'memory', ['sqlite3'], ['mysql', 'SQLITE3', 3]],
  ['dao.file', '', [], ['/var/lib/frontier/registry.db', 5]],
  ['dao.debug', false, [true], ['yes', 1]],
]

describe('every key', () => {
  it.each(keys)('%s is %j unless said otherwise', (key, fallback, taken, refused) => {
    expect(valueAt(resolveFrontierConfig(), pathOf(key))).toEqual(fallback)
    for (const value of taken) expect(resolveKey(key, value)).toEqual(value)
    for (const value of refused) expect(problemOfKey(key, value)).toContain(key)
  })

  it('dao.backend has the names that the family gives it', () => {
    expect(resolveFrontierConfig({ dao: { backend: 'buntdb' } }).dao.backend).toBe('memory')
    expect(resolveFrontierConfig({ dao: { backend: 'sqlite', file: 'a.db' } }).dao).toEqual({ backend: 'sqlite3', file: 'a.db', debug: false })
    expect(problemOf({ dao: { backend: 'buntdb', file: 'a.db' } })).toBe('dao.file is for backend sqlite3 only')
  })

  it('is in the list above', () => {
    const { mqm: _brokers, ...others } = resolveFrontierConfig() // in mqm-schema.test.ts
    expect(leafKeys(others).sort()).toEqual(keys.map(([key]) => key).sort())
  })
})

describe('resolveFrontierConfig', () => {
  it('gives back what it once gave', () => {
    const config = resolveFrontierConfig({ exchange: { hashby: 'random' }, edgebound: { listen: { addr: '127.0.0.1:0' } } })
    expect(resolveFrontierConfig(config)).toEqual(config)
    expectTypeOf<FrontierConfig>().toExtend<FrontierConfigInput>()
  })

  it('does not change what it is given, nor share it', () => {
    const input = { edgebound: { listen: { tls: { ca_certs: ['a'] } } } }
    const config = resolveFrontierConfig(input, { env: { FRONTIER_EDGEBOUND_PORT: '1' } })
    expect(input).toEqual({ edgebound: { listen: { tls: { ca_certs: ['a'] } } } })
    expect(config.edgebound.listen.tls.ca_certs).not.toBe(input.edgebound.listen.tls.ca_certs)
  })

  it('takes undefined and null for "not said"', () => {
    const input = { edgebound: undefined, log: { level: undefined }, exchange: null, servicebound: { listen: null } }
    expect(resolveFrontierConfig(input as unknown as FrontierConfigInput)).toEqual(resolveFrontierConfig())
  })

  it('takes levels in any case', () => {
    expect(resolveKey('log.level', 'WARN')).toBe('warn')
  })

  it('takes a unix socket or a name in memory for an address', () => {
    const listen = { network: 'unix', addr: '/run/frontier/edges.sock' } as const
    expect(resolveFrontierConfig({ edgebound: { listen } }).edgebound.listen).toMatchObject(listen)
    const memory = { network: 'memory', addr: 'edges' } as const
    expect(resolveFrontierConfig({ edgebound: { listen: memory } }).edgebound.listen).toMatchObject(memory)
  })

  it.each([
    [{ network: 'unix', addr: 'run/edges.sock' }, 'is not an absolute path, as network unix needs'],
    [{ network: 'unix' }, 'is not an absolute path, as network unix needs'],
    [{ network: 'unix', addr: `/${'x'.repeat(107)}` }, 'is a path of more than 107 bytes'],
    [{ network: 'memory', addr: '' }, 'is empty, and network memory needs a name'],
  ])('refuses the address of %o', (listen, message) => {
    expect(problemOf({ edgebound: { listen } })).toContain(message)
  })

  it('says why udp is refused', () => {
    expect(problemOfKey('servicebound.listen.network', 'udp')).toBe(
      'servicebound.listen.network udp is not supported: links need an ordered, lossless connection; use tcp',
    )
  })

  it.each([
    [{ enable: true }, 'tls.certs must name a certificate when tls is enabled'],
    [{ enable: true, mtls: true, certs: [{ cert: 'a', key: 'b' }] }, 'tls.ca_certs must name an authority when mtls is on'],
    [{ mtls: true, ca_certs: ['a'] }, 'tls.mtls needs tls.enable: true'],
    [{ insecure_skip_verify: true }, 'tls.insecure_skip_verify is about dialling: a listener can only say false'],
  ])('refuses tls %o', (tls, message) => {
    expect(problemOf({ edgebound: { listen: { tls } } })).toBe(`edgebound.listen.${message}`)
  })

  it('takes tls and mtls that are complete, on tcp only', () => {
    const tls = { enable: true, mtls: true, certs: [{ cert: 'a', key: 'b' }], ca_certs: ['c'], insecure_skip_verify: false }
    expect(resolveFrontierConfig({ edgebound: { listen: { tls } } }).edgebound.listen.tls).toEqual(tls)
    expect(problemOf({ edgebound: { listen: { network: 'unix', addr: '/a', tls } } })).toBe(
      'edgebound.listen.tls.enable needs network tcp, not unix',
    )
  })

  it('refuses a hard mark below the mark', () => {
    expect(problemOf({ edgebound: { limits: { queue_mark_bytes: 2 * MIB, queue_hard_mark_bytes: MIB } } })).toBe(
      `edgebound.limits.queue_hard_mark_bytes must not be below queue_mark_bytes, which is ${2 * MIB}`,
    )
  })

  it.each([
    [{ edgebound: { lisen: {} } }, 'unknown key edgebound.lisen; did you mean listen?'],
    [{ edgeBound: {} }, 'unknown key edgeBound; did you mean edgebound?'],
    [{ exchange: { hash_by: 'edgeid' } }, 'unknown key exchange.hash_by; did you mean hashby?'],
    [{ edgebound: { listen: { tls: { certs: [{ cert: 'a', key: 'b', kye: 'c' }] } } } }, 'unknown key edgebound.listen.tls.certs[0].kye; did you mean key?'],
    [{ nothing_like_it: 1 }, 'unknown key nothing_like_it'],
    [{ frontlas: {} }, 'frontlas is not supported by this version yet'],
    [{ daemon: { pprof: {} } }, 'daemon.pprof is not supported by this version yet'],
  ])('refuses the unknown key of %o', (input, message) => {
    expect(problemOf(input)).toBe(message)
  })

  it.each([
    [{ edgebound: 3 }, 'edgebound must be a section, not 3'],
    [{ edgebound: 'text' }, 'edgebound must be a section, not text'],
    [{ edgebound: [] }, 'edgebound must be a section, not a list'],
    [[], 'the configuration must be a section, not a list'],
    [{ edgebound: { listen: { addr: {} } } }, 'edgebound.listen.addr must be text, not a section'],
    [{ edgebound: { listen: { addr: true } } }, 'edgebound.listen.addr must be text, not true'],
    [{ edgebound: { listen: { tls: { certs: [{ cert: 'a' }] } } } }, 'edgebound.listen.tls.certs[0].key is missing'],
    [{ edgebound: { listen: { tls: { ca_certs: [null] } } } }, 'edgebound.listen.tls.ca_certs[0] must be text, not nothing'],
    [{ edgebound: { limits: { max_links: 1.5 } } }, 'edgebound.limits.max_links must be a whole number, not 1.5'],
    [{ log: { level: 'loud' } }, 'log.level must be one of debug, info, warn, error, not "loud"'],
    [{ daemon: { drain_seconds: -1 } }, 'daemon.drain_seconds must be at least 0'],
    [{ edgebound: { sniff_timeout_seconds: 0 } }, 'edgebound.sniff_timeout_seconds must be above 0'],
    [{ exchange: { max_frame_bytes: 2 ** 30 } }, 'exchange.max_frame_bytes must be at most 1048576'],
    [{ daemon: { frontier_id: 'x'.repeat(300) } }, 'daemon.frontier_id must be at most 255 characters long'],
    [{ edgebound: { edgeid_alloc_when_no_idservice_on: 'no' } }, 'edgebound.edgeid_alloc_when_no_idservice_on must be true, false or until_seen'],
  ])('says what is wrong with %o', (input, message) => {
    expect(problemOf(input)).toBe(message)
  })

  it('never repeats a secret', () => {
    for (const key of ['hunter2', 123_456_789_012]) expect(problemOfKey('exchange.resume_key', key)).not.toContain(String(key))
  })

  it('tells several problems on one line, but not all of many', () => {
    const message = problemOf({ a1: 1, b2: 1, c3: 1, d4: 1, e5: 1 })
    expect(message).toBe('unknown key a1; unknown key b2; unknown key c3; and 2 more')
  })
})
