import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterEach, describe, expect, it } from 'vitest'

import { runNode } from '../child.js'
import { eventually } from '../support/eventually.js'
import { missing, startBroker, type BrokerName, type BrokerProcess } from './brokers.mjs'
import { dataFolder } from './ports.mjs'

const started: BrokerProcess[] = []
async function start(name: BrokerName): Promise<BrokerProcess> {
  const broker = await startBroker(name)
  started.push(broker)
  return broker
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((broker) => broker.stop()))
})

/** Whether somebody listens. */
function answers(address: string): Promise<boolean> {
  const [host, port] = address.split(':')
  return new Promise((resolve) => {
    const socket = net.connect(Number(port), host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

const isThere = (pid: number): boolean => spawnSync('kill', ['-0', String(pid)]).status === 0

// The others are started by the tests of their bridges.
describe.each(['redis', 'redis-sentinel', 'nats', 'nsq'] as const)('%s', (name) => {
  const why = missing(name)
  it.skipIf(why !== undefined)(`starts, dies, comes back on the same ports and leaves nothing behind${why === undefined ? '' : ` (skipped: ${why})`}`, async () => {
    const broker = await start(name)
    for (const address of broker.addresses) expect(await answers(address)).toBe(true)
    const { pids } = broker
    await broker.kill()
    for (const address of broker.addresses) expect(await answers(address)).toBe(false)
    expect(broker.pids).toEqual([])
    await broker.restart()
    for (const address of broker.addresses) expect(await answers(address)).toBe(true)
    const again = broker.pids
    expect(again).toHaveLength(broker.processes.length)
    await broker.stop()
    expect([...pids, ...again].filter(isThere)).toEqual([])
  })
})

const noRedis = missing('redis')
describe.skipIf(noRedis !== undefined)(`any broker${noRedis === undefined ? '' : ` (skipped: ${noRedis})`}`, () => {
  it('is one of its own for everybody', async () => {
    const [one, other] = await Promise.all([start('redis'), start('redis')])
    expect(one.address).not.toBe(other.address)
    await one.kill()
    expect(await answers(other.address)).toBe(true)
  })

  it('leaves its folder alone once it is stopped: another one may have the same ports', async () => {
    const broker = await start('redis')
    await broker.stop()
    const folder = dataFolder(Number(broker.address.split(':')[1]))
    mkdirSync(folder)
    try {
      await eventually('the end of its guard', () => spawnSync('pgrep', ['-f', folder]).status === 1)
      expect(existsSync(folder)).toBe(true)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('ends with the process that started it, even when that one is killed', async () => {
    const program = `import { startBroker } from ${JSON.stringify(path.join(import.meta.dirname, 'brokers.mjs'))}
      const broker = await startBroker('redis')
      console.log(broker.pids.join(' '))
      process.kill(process.pid, 'SIGKILL')`
    const { output } = await runNode(['--input-type=module', '-e', program], { cwd: import.meta.dirname, timeoutMs: 60_000 })
    const pid = Number(output.trim())
    expect(pid).toBeGreaterThan(0)
    await eventually('it has gone', () => !isThere(pid))
  })

  it('runs beside a command, with its address in the environment, and gives back the exit code', async () => {
    const show = `console.log(process.env.REDIS_URL); process.exitCode = 3`
    const { code, output } = await runNode([path.join(import.meta.dirname, 'brokers.mjs'), 'run', 'redis', '--', process.execPath, '-e', show], { cwd: import.meta.dirname, timeoutMs: 60_000 })
    expect(code).toBe(3)
    const address = /^redis:\/\/(127\.0\.0\.1:\d+)$/m.exec(output)?.[1]
    expect(address).toBeDefined()
    expect(await answers(address!)).toBe(false)
  })
})

describe('compose.yaml', () => {
  it('publishes the ports that `env --compose` names, on loopback', async () => {
    const file = readFileSync(path.join(import.meta.dirname, 'compose.yaml'), 'utf8')
    const { output } = await runNode([path.join(import.meta.dirname, 'brokers.mjs'), 'env', '--compose'], { cwd: import.meta.dirname, timeoutMs: 60_000 })
    const named = [...output.matchAll(/(?:127\.0\.0\.1|localhost):(\d+)/g)].map((match) => Number(match[1]))
    const published = [...file.matchAll(/'127\.0\.0\.1:(\d+):\d+'/g)].map((match) => Number(match[1]))
    expect(published.sort()).toEqual(named.sort())
  })

  it.skipIf(noRedis !== undefined)(`has users that Redis understands${noRedis === undefined ? '' : ` (skipped: ${noRedis})`}`, async () => {
    const file = readFileSync(path.join(import.meta.dirname, 'compose.yaml'), 'utf8')
    const words = /redis-auth:[^]*?command: \[([^]*?)\]/.exec(file)?.[1]
    const [program = '', ...args] = [...words!.matchAll(/'([^']*)'/g)].map((match) => match[1]!)
    // Nothing is kept, and nothing listens but a socket file.
    const folder = mkdtempSync(path.join(tmpdir(), 'frontier-compose-'))
    const socket = path.join(folder, 'redis.sock')
    const server = spawn(program, [...args, '--port', '0', '--unixsocket', socket, '--dir', folder], { stdio: 'ignore' })
    try {
      const ask = (user: string, password: string, ...command: string[]): string =>
        spawnSync('redis-cli', ['-s', socket, '--no-auth-warning', '--user', user, '--pass', password, ...command], { encoding: 'utf8' }).stdout.trim()
      await eventually('it answers', () => server.exitCode !== null || ask('frontier', 'frontier-secret', 'ping') === 'PONG')
      expect(server.exitCode).toBe(null)
      expect(ask('frontier', 'frontier-secret', 'set', 'a', '1')).toBe('OK')
      expect(ask('reader', 'reader-secret', 'get', 'a')).toBe('1')
      expect(ask('reader', 'reader-secret', 'set', 'a', '2')).toMatch(/^NOPERM/)
      expect(ask('default', 'default-secret', 'get', 'a')).toBe('1')
    } finally {
      server.kill('SIGKILL')
      rmSync(folder, { recursive: true })
    }
  })
})
