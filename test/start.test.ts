import { spawn, type ChildProcess } from 'node:child_process'
import { connect } from 'node:net'
import path from 'node:path'

import { connectEdge } from '@frontier/edge'
import { connectService } from '@frontier/service'
import { describe, expect, test, vi } from 'vitest'

// `npm start` as users and their supervisors see it: npm, a shell, and the gateway behind them.

const root = path.resolve(import.meta.dirname, '..')
const npm =
  process.env['npm_execpath'] ?? path.join(path.dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js')

class Start implements AsyncDisposable {
  output = ''
  readonly child: ChildProcess
  readonly ended: Promise<void>

  constructor() {
    const env = { ...process.env, FRONTIER_SERVICEBOUND_PORT: '0', FRONTIER_EDGEBOUND_PORT: '0', LOG_LEVEL: '' }
    // A group of its own, as a terminal would give it.
    this.child = spawn(process.execPath, [npm, 'start'], {
      cwd: root,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    this.child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()))
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()))
  }

  async addresses(): Promise<{ servicebound: string; edgebound: string }> {
    const find = (side: string): string =>
      `127.0.0.1:${new RegExp(`^${side} listening on .*:(\\d+)$`, 'm').exec(this.output)?.[1] ?? ''}`
    await vi.waitFor(() => expect(find('edgebound'), this.output).toMatch(/:\d+$/), { timeout: 60_000, interval: 100 })
    return { servicebound: find('servicebound'), edgebound: find('edgebound') }
  }

  signalGroup(signal: NodeJS.Signals): void {
    process.kill(-this.child.pid!, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.signalGroup('SIGKILL')
    } catch {
      // It has ended already.
    }
    await this.ended
  }
}

function accepts(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(address.split(':')[1]), '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

describe('npm start', { timeout: 120_000 }, () => {
  test('ends the gateway when npm alone is told to stop', async () => {
    await using start = new Start()
    const { edgebound } = await start.addresses()
    expect(await accepts(edgebound)).toBe(true)
    start.child.kill('SIGTERM')
    await vi.waitFor(async () => expect(await accepts(edgebound)).toBe(false), { timeout: 15_000 })
    await start.ended
  })

  test('lets the gateway finish what is in flight on Ctrl-C, which reaches all of the group', async () => {
    await using start = new Start()
    const { servicebound, edgebound } = await start.addresses()
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    let isServing = false
    const service = await connectService(servicebound, {
      reconnect: false,
      methods: { slow: () => ((isServing = true), released.then(() => 'done')) },
    })
    let isDraining = false
    const edge = await connectEdge(edgebound, {
      reconnect: false,
      onStatus: ({ type }) => (isDraining ||= type === 'draining'),
    })
    const reply = edge.call('slow')
    await vi.waitFor(() => expect(isServing).toBe(true))
    start.signalGroup('SIGINT')
    await vi.waitFor(() => expect(isDraining).toBe(true), { timeout: 10_000 })
    release()
    expect((await reply).text()).toBe('done')
    await start.ended
    await Promise.all([edge.close(), service.close()])
  })
})
