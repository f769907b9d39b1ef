import { describe, expect, it } from 'vitest'

import { resolveFrontierConfig, type FrontierConfigInput } from './index.js'

const withEnv = (env: Record<string, string>, input: FrontierConfigInput = {}) => resolveFrontierConfig(input, { env })

describe('the environment', () => {
  it('counts only when it is given', () => {
    expect(resolveFrontierConfig({ log: { level: 'warn' } }).log.level).toBe('warn')
  })

  it('LOG_LEVEL goes over the file, --loglevel over both', () => {
    const file = { log: { level: 'warn' } } as const
    expect(withEnv({ LOG_LEVEL: 'DEBUG' }, file).log.level).toBe('debug')
    const sources = { env: { LOG_LEVEL: 'debug' }, flags: { loglevel: 'Error' } }
    expect(resolveFrontierConfig(file, sources).log.level).toBe('error')
    expect(resolveFrontierConfig(file, { flags: { loglevel: undefined } }).log.level).toBe('warn')
  })

  it('NODE_NAME names the gateway', () => {
    expect(withEnv({ NODE_NAME: 'k8s-7' }, { daemon: { frontier_id: 'file' } }).daemon.frontier_id).toBe('frontier-k8s-7')
  })

  it.each([
    ['FRONTIER_SERVICEBOUND_PORT', 'servicebound'],
    ['FRONTIER_EDGEBOUND_PORT', 'edgebound'],
  ] as const)('%s replaces the port alone', (name, side) => {
    const addrOf = (addr?: string) => withEnv({ [name]: '4711' }, { [side]: { listen: { addr } } })[side].listen.addr
    expect(addrOf()).toBe('0.0.0.0:4711')
    expect(addrOf('127.0.0.1:1')).toBe('127.0.0.1:4711')
    expect(addrOf('[::1]:1')).toBe('[::1]:4711')
    expect(addrOf(':1')).toBe(':4711')
    expect(addrOf('127.0.0.1')).toBe('127.0.0.1:4711')
    expect(withEnv({ [name]: '0' })[side].listen.addr).toBe('0.0.0.0:0')
  })

  it('FRONTIER_DRAIN_SECONDS sets the drain time', () => {
    expect(withEnv({ FRONTIER_DRAIN_SECONDS: '0' }).daemon.drain_seconds).toBe(0)
    expect(withEnv({ FRONTIER_DRAIN_SECONDS: '2.5' }, { daemon: { drain_seconds: 9 } }).daemon.drain_seconds).toBe(2.5)
  })

  it('FRONTIER_RESUME_KEY keeps the secret out of the file', () => {
    expect(withEnv({ FRONTIER_RESUME_KEY: 'a secret of the cluster' }).exchange.resume_key).toBe('a secret of the cluster')
  })

  it('empty variables are as good as none', () => {
    const names = ['LOG_LEVEL', 'NODE_NAME', 'FRONTIER_DRAIN_SECONDS', 'FRONTIER_EDGEBOUND_PORT', 'FRONTIER_RESUME_KEY']
    expect(withEnv(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(resolveFrontierConfig())
  })

  it.each([
    [{ LOG_LEVEL: 'loud' }, 'environment LOG_LEVEL: log.level must be one of debug, info, warn, error, not "loud"'],
    [{ NODE_NAME: 'a b' }, 'environment NODE_NAME: daemon.frontier_id must not contain spaces or control characters'],
    [{ FRONTIER_EDGEBOUND_PORT: '70000' }, 'environment FRONTIER_EDGEBOUND_PORT is "70000", not a port from 0 to 65535'],
    [{ FRONTIER_SERVICEBOUND_PORT: 'http' }, 'environment FRONTIER_SERVICEBOUND_PORT is "http", not a port from 0 to 65535'],
    [{ FRONTIER_DRAIN_SECONDS: 'soon' }, 'environment FRONTIER_DRAIN_SECONDS is "soon", not a number of seconds'],
    [{ FRONTIER_DRAIN_SECONDS: '-1' }, 'environment FRONTIER_DRAIN_SECONDS is "-1", not a number of seconds'],
    [{ FRONTIER_RESUME_KEY: 'short' }, 'environment FRONTIER_RESUME_KEY: exchange.resume_key is too short for a secret: 16 characters or more'],
  ])('%o is refused by name', (env, reason) => {
    expect(() => withEnv(env)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', reason }))
  })

  it('a port for a side that has none is refused', () => {
    const listen = { network: 'unix', addr: '/run/edges.sock' } as const
    expect(() => withEnv({ FRONTIER_EDGEBOUND_PORT: '1' }, { edgebound: { listen } })).toThrow(
      expect.objectContaining({ reason: 'environment FRONTIER_EDGEBOUND_PORT sets a port, but edgebound.listen.network is "unix"' }),
    )
  })

  it('a bad flag is named', () => {
    expect(() => resolveFrontierConfig({}, { flags: { loglevel: 'loud' }, env: { LOG_LEVEL: 'info' } })).toThrow(
      expect.objectContaining({ reason: 'flag --loglevel: log.level must be one of debug, info, warn, error, not "loud"' }),
    )
  })

  it('does not hide what is wrong in the file', () => {
    const wrong = { edgebound: { listen: { addr: 30_012 } } } as unknown as FrontierConfigInput
    expect(() => withEnv({ FRONTIER_EDGEBOUND_PORT: '1' }, wrong)).toThrow('edgebound.listen.addr must be text')
    const worse = { edgebound: 7 } as unknown as FrontierConfigInput
    expect(() => withEnv({ FRONTIER_EDGEBOUND_PORT: '1' }, worse)).toThrow('edgebound must be a section, not 7')
  })
})
