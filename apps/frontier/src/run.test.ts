import { EventEmitter } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { resolveFrontierConfig, type FrontierConfig } from '@frontier/config'
import { FrontierError } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'

import { run, type Host, type RunningGateway } from './run.js'

class FakeGateway implements RunningGateway {
  addresses: RunningGateway['addresses'] = { servicebound: 'tcp://127.0.0.1:1', edgebound: 'tcp://127.0.0.1:2' }
  end: () => void = () => undefined
  readonly closed = new Promise<void>((resolve) => (this.end = resolve))
  readonly calls: string[] = []
  finishDrain: () => void = () => undefined

  drain({ timeoutMs }: { timeoutMs: number }): Promise<void> {
    this.calls.push(`drain ${timeoutMs}`)
    return new Promise((resolve) => (this.finishDrain = resolve))
  }

  async close(): Promise<void> {
    this.calls.push('close')
  }
}

class FakeHost implements Host {
  env: Record<string, string> = {}
  readonly version = '1.2.3'
  readonly signals = new EventEmitter()
  readonly gateway = new FakeGateway()
  out = ''
  error = ''
  config: FrontierConfig | undefined
  failure: unknown

  writeOut = (text: string): void => void (this.out += text)
  writeError = (text: string): void => void (this.error += text)
  createGateway = async (config: FrontierConfig): Promise<RunningGateway> => {
    this.config = config
    if (this.failure !== undefined) throw this.failure
    return this.gateway
  }
}

describe('run', () => {
  it('prints help and version on stdout', async () => {
    const host = new FakeHost()
    expect(await run(['--help'], host)).toBe(0)
    expect(host.out).toMatch(/^Usage: frontier /)
    host.out = ''
    expect(await run(['--version'], host)).toBe(0)
    expect(host.out).toBe('1.2.3\n')
    expect(host.error).toBe('')
    expect(host.config).toBeUndefined()
  })

  it.each([
    [['--bogus'], {}, 'frontier: unknown flag --bogus; see frontier --help\n'],
    [['--loglevel', 'loud'], {}, 'frontier: flag --loglevel: log.level must be one of debug, info, warn, error, not "loud"\n'],
    [[], { FRONTIER_EDGEBOUND_PORT: 'x' }, 'frontier: environment FRONTIER_EDGEBOUND_PORT is "x", not a port from 0 to 65535\n'],
    [['--config', '/no/such/file.yaml'], {}, 'frontier: cannot read /no/such/file.yaml: there is no such file\n'],
  ])('ends with 1 and one line for %j %j', async (args, env, line) => {
    const host = new FakeHost()
    host.env = env
    expect(await run(args, host)).toBe(1)
    expect(host).toMatchObject({ error: line, out: '', config: undefined })
  })

  it.each([
    [new FrontierError('UNAVAILABLE', 'cannot listen on tcp://0.0.0.0:1: port 1 is in use'), 'cannot listen on tcp://0.0.0.0:1: port 1 is in use'],
    [new Error('two\n  lines'), 'two lines'],
    ['a word', 'a word'],
  ])('ends with 1 and one line when the gateway cannot start: %s', async (failure, line) => {
    const host = new FakeHost()
    host.failure = failure
    expect(await run([], host)).toBe(1)
    expect(host.error).toBe(`frontier: ${line}\n`)
  })

  it('starts with the defaults, the environment and the flags', async () => {
    const host = new FakeHost()
    host.env = { FRONTIER_EDGEBOUND_PORT: '7', LOG_LEVEL: 'warn' }
    const running = run(['--loglevel', 'error'], host)
    await vi.waitFor(() => expect(host.out).not.toBe(''))
    expect(host.config).toEqual(
      resolveFrontierConfig({ edgebound: { listen: { addr: '0.0.0.0:7' } }, log: { level: 'error' } }),
    )
    expect(host.out).toBe('servicebound listening on tcp://0.0.0.0:1\nedgebound listening on tcp://0.0.0.0:2\n')
    host.signals.emit('SIGTERM', 'SIGTERM')
    await vi.waitFor(() => expect(host.gateway.calls).toHaveLength(1))
    host.gateway.finishDrain()
    expect(await running).toBe(0)
  })

  it.each(['SIGINT', 'SIGTERM'])('drains on %s and then ends with 0', async (signal) => {
    const host = new FakeHost()
    const running = run([], host)
    await vi.waitFor(() => expect(host.out).toContain('edgebound listening'))
    host.signals.emit(signal, signal)
    await vi.waitFor(() => expect(host.gateway.calls).toEqual(['drain 30000']))
    host.gateway.finishDrain()
    expect(await running).toBe(0)
    expect(host.gateway.calls).toEqual(['drain 30000'])
    expect(host.out).toMatch(new RegExp(`INFO {2}stopping signal=${signal} drainSeconds=30\n.*INFO {2}stopped\n$`))
  })

  it('closes without waiting when the drain time is 0', async () => {
    const host = new FakeHost()
    host.env = { FRONTIER_DRAIN_SECONDS: '0' }
    const running = run([], host)
    host.signals.emit('SIGTERM', 'SIGTERM') // while it starts
    expect(await running).toBe(0)
    expect(host.gateway.calls).toEqual(['close'])
  })

  it('ends with 0 when an operator has drained it', async () => {
    const host = new FakeHost()
    host.gateway.addresses = { ...host.gateway.addresses, controlplane: 'tcp://127.0.0.1:3' }
    const running = run([], host)
    await vi.waitFor(() => expect(host.out).toContain('controlplane listening on tcp://0.0.0.0:3\n'))
    host.gateway.end()
    expect(await running).toBe(0)
    expect(host.gateway.calls).toEqual([])
    expect(host.out).toMatch(/INFO {2}stopped by an operator\n$/)
  })

  it('ends at once on a second signal, also when the drain does not', async () => {
    const host = new FakeHost()
    const running = run([], host)
    await vi.waitFor(() => expect(host.out).toContain('edgebound listening'))
    host.signals.emit('SIGTERM', 'SIGTERM')
    host.signals.emit('SIGINT', 'SIGINT')
    expect(await running).toBe(0)
    expect(host.gateway.calls).toEqual(['drain 30000', 'close'])
  })

  it('ends with 1 when the drain fails', async () => {
    const host = new FakeHost()
    host.gateway.drain = () => Promise.reject(new Error('stuck'))
    const running = run([], host)
    host.signals.emit('SIGTERM', 'SIGTERM')
    expect(await running).toBe(1)
    expect(host.error).toBe('frontier: stuck\n')
  })

  it('reads the file it is given, and names the line of a mistake', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'frontier-run-'))
    try {
      const file = path.join(folder, 'frontier.yaml')
      await writeFile(file, 'log:\n  level: warn\nedgebound:\n  lisen:\n    addr: x\n')
      const host = new FakeHost()
      expect(await run(['--config', file], host)).toBe(1)
      expect(host.error).toBe(`frontier: ${file}:4: unknown key edgebound.lisen; did you mean listen?\n`)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
