import { connectEdge, type Edge } from '@frontier/edge'
import { connectService, type Service } from '@frontier/service'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { startGateway, type Gateway } from './support/gateway.js'
import { hasTerminals, Terminal } from './support/terminal.js'

// What people see: the program in a pseudo-terminal.

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'

describe.skipIf(!hasTerminals)('in a terminal (needs the ready-made binaries of @lydell/node-pty)', () => {
  let gateway: Gateway
  let edge: Edge
  let service: Service

  beforeAll(async () => {
    gateway = await startGateway()
    edge = await connectEdge(gateway.edgebound, {
      id: 1001,
      meta: `a meta that is rather long ${'x'.repeat(200)}`,
      labels: { site: 'north' },
      methods: { binary: () => new Uint8Array([0x41, 0xff, 0x1b, 0x5b, 0x32, 0x4a]), echo: (request) => request.data },
    })
    service = await connectService(gateway.servicebound, { name: 'weather' })
  })
  afterAll(async () => {
    edge.abort()
    service.abort()
    await gateway[Symbol.asyncDispose]()
  })

  const open = (args: string[], options: ConstructorParameters<typeof Terminal>[1] = {}): Terminal =>
    new Terminal([...args, '--address', gateway.controlplane], options)

  it('a table is as wide as the terminal at most, with an ellipsis where it is cut', async () => {
    await using terminal = open(['edges', 'ls'], { columns: 90 })
    expect(await terminal.exitCode).toBe(0)
    const lines = terminal.text.split('\n')
    expect(lines[1]).toMatch(/1001 .+…/)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(90)
    expect(terminal.raw).toContain('\u001b[1m')
  })

  it('has no colours with NO_COLOR', async () => {
    await using terminal = open(['edges', 'ls'], { env: { NO_COLOR: '1' } })
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.raw).not.toContain('\u001b[')
  })

  it('an answer cannot speak to the terminal', async () => {
    await using terminal = open(['call', '1001', 'binary'])
    expect(await terminal.exitCode).toBe(0)
    expect(terminal.raw).toBe('A\\xff\\x1b[2J\r\n')
  })

  describe('top', () => {
    const topIsUp = async (terminal: Terminal): Promise<void> => vi.waitFor(() => expect(terminal.screen[0]).toMatch(/^frontier gw-1 {2}serving {2}up \d+/), { timeout: 20_000 })
    const rowOf = (terminal: Terminal, name: string): string[] => terminal.screen.find((line) => line.startsWith(name))?.split(/ {2,}/) ?? []

    it('shows links and rates, follows them, and leaves the screen as it was', async () => {
      await using terminal = open(['top', '--interval', '100ms'])
      await topIsUp(terminal)
      expect(terminal.raw.startsWith(ENTER)).toBe(true)
      expect(terminal.screen.map((line) => line.split(/ {2,}/)[0])).toEqual(expect.arrayContaining(['edges', 'services', 'calls/s', 'messages/s', 'refusals/s', 'bytes in', 'latency p50', 'latency p99', 'loop delay', 'round trip']))
      expect(rowOf(terminal, 'edges')[1]).toBe('1')
      await using _other = await connectEdge(gateway.edgebound)
      await vi.waitFor(() => expect(rowOf(terminal, 'edges')[1]).toBe('2'), { timeout: 10_000 })
      for (let call = 0; call < 10; call++) await service.call(1001, 'echo', 'x')
      await vi.waitFor(() => expect(Number(rowOf(terminal, 'calls/s')[3])).toBeGreaterThanOrEqual(10), { timeout: 10_000 })
      terminal.type('q')
      expect(await terminal.exitCode).toBe(0)
      expect(terminal.raw.endsWith(LEAVE)).toBe(true)
    })

    it('is drawn anew when the window changes', async () => {
      await using terminal = open(['top', '--interval', '100ms'], { columns: 100, rows: 30 })
      await topIsUp(terminal)
      terminal.resize(40, 8)
      await vi.waitFor(
        () => {
          expect(terminal.screen).toHaveLength(8)
          for (const line of terminal.screen) expect(line.length).toBeLessThanOrEqual(40)
        },
        { timeout: 10_000 },
      )
      terminal.type('q')
      expect(await terminal.exitCode).toBe(0)
    })

    it.each([
      ['Ctrl-C', (terminal: Terminal) => terminal.type('\u0003')],
      ['SIGTERM', (terminal: Terminal) => terminal.kill('SIGTERM')],
    ])('%s ends it, and gives the cursor back', async (_, stop) => {
      await using terminal = open(['top', '--interval', '100ms'])
      await topIsUp(terminal)
      stop(terminal)
      expect(await terminal.exitCode).toBe(0)
      expect(terminal.raw.endsWith(LEAVE)).toBe(true)
    })

    it('says on the screen that was there before that the gateway went away', async () => {
      await using other = await startGateway()
      await using terminal = new Terminal(['top', '--interval', '100ms', '--address', other.controlplane])
      await topIsUp(terminal)
      other.program.kill('SIGKILL')
      expect(await terminal.exitCode).toBe(5)
      expect(terminal.raw.slice(terminal.raw.indexOf(LEAVE) + LEAVE.length)).toMatch(/^frontier: UNAVAILABLE: .+\r\n$/)
    })
  })

  it('events: a line each, until Ctrl-C', async () => {
    await using terminal = open(['events', '--type', 'online', '--type', 'offline'])
    await vi.waitFor(async () => expect((await gateway.json(['stats'])).watchers).toBe('1'), { timeout: 10_000 })
    const other = await connectEdge(gateway.edgebound, { id: 2002, labels: { site: 'south' } })
    other.abort()
    await terminal.sees(/online +edge 2002 127\.0\.0\.1:\d+ {2}labels=site=south\n.+offline +edge 2002 .+EOF/)
    expect(terminal.raw).toContain('\u001b[32monline')
    terminal.type('\u0003')
    expect(await terminal.exitCode).toBe(0)
  })

  describe('bench', () => {
    const addresses = (): string[] => ['--edgebound', gateway.edgebound, '--servicebound', gateway.servicebound]

    it('shows how far it is, and then only what came of it', async () => {
      await using terminal = open(['bench', 'calls', '--duration', '1s', '-c', '4', ...addresses()])
      await terminal.sees(/█+░+ +\d+% {2}\S+ calls\/s {2}p99 /)
      expect(await terminal.exitCode).toBe(0)
      const left = terminal.text.slice(terminal.text.lastIndexOf('\r') + 1)
      expect(left).toMatch(/^load +calls of 64 B to 1 edge, 4 at a time\ndone +[\d,]+ in 1s, [\d,]+\/s\nfailed +0\nlatency +p50 .+ p90 .+ p99 .+ p99\.9 .+ max .+\ndata .+\ngateway +memory .+; loop delay p99 .+\n$/)
    })

    it('Ctrl-C ends it early, with what there is', async () => {
      await using terminal = open(['bench', 'messages', '--duration', '1h', ...addresses()])
      await terminal.sees('messages/s')
      terminal.type('\u0003')
      expect(await terminal.exitCode).toBe(0)
      expect(terminal.text).toMatch(/load +messages of 64 B to 1 edge, 64 at a time, interrupted\ndone/)
    })
  })
})
