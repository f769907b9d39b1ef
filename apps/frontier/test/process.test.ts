import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))

class Program implements AsyncDisposable {
  out = ''
  error = ''
  readonly #child: ChildProcess
  readonly exitCode: Promise<number | null>

  constructor(args: readonly string[], env: Record<string, string> = {}) {
    const ports = { FRONTIER_SERVICEBOUND_PORT: '0', FRONTIER_EDGEBOUND_PORT: '0' }
    this.#child = spawn(process.execPath, [main, ...args], {
      env: { PATH: process.env['PATH'], ...ports, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.out += chunk.toString()))
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.error += chunk.toString()))
    this.exitCode = new Promise((resolve) => this.#child.once('close', resolve))
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Its two addresses, once it has printed them. */
  async addresses(): Promise<{ servicebound: string; edgebound: string }> {
    const find = (side: string): string => new RegExp(`^${side} listening on (\\S+)$`, 'm').exec(this.out)?.[1] ?? ''
    await vi.waitFor(() => expect([find('servicebound'), find('edgebound')]).not.toContain(''), { timeout: 10_000 })
    return { servicebound: find('servicebound'), edgebound: find('edgebound') }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    await this.exitCode
  }
}

async function canConnect(address: string): Promise<boolean> {
  const socket = connect(Number(new URL(address).port), '127.0.0.1')
  const outcome = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'close').then(() => false)]).catch(() => false)
  socket.destroy()
  return outcome
}

describe('the program', () => {
  it('can be run by npx: a first line for the shell', async () => {
    expect(await readFile(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    await access(main, constants.R_OK)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('listens where it says, and ends with 0 on %s', async (signal) => {
    await using program = new Program([])
    const { servicebound, edgebound } = await program.addresses()
    expect(await canConnect(servicebound)).toBe(true)
    expect(await canConnect(edgebound)).toBe(true)
    program.kill(signal)
    expect(await program.exitCode).toBe(0)
    expect(await canConnect(edgebound)).toBe(false)
    expect(program.error).toBe('')
  })

  it('is not kept by connections that say nothing', async () => {
    await using program = new Program([])
    const { edgebound } = await program.addresses()
    const silent = connect(Number(new URL(edgebound).port), '127.0.0.1')
    await once(silent, 'connect')
    silent.on('error', () => undefined)
    program.kill('SIGTERM')
    expect(await program.exitCode).toBe(0)
    silent.destroy()
  })

  it('prints help and version on stdout', async () => {
    await using help = new Program(['--help'])
    expect(await help.exitCode).toBe(0)
    expect(help.out).toMatch(/^Usage: frontier/)
    await using version = new Program(['--version'])
    expect(await version.exitCode).toBe(0)
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('takes and ignores -v N', async () => {
    await using program = new Program(['-v', '4'])
    await program.addresses()
    program.kill('SIGTERM')
    expect(await program.exitCode).toBe(0)
  })

  describe('with files and ports', () => {
    let folder: string

    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'frontier-app-'))
    })
    afterEach(() => rm(folder, { recursive: true, force: true }))

    it('reads the file it is given', async () => {
      const file = path.join(folder, 'frontier.yaml')
      const socket = path.join(folder, 'edges.sock')
      await writeFile(file, `edgebound:\n  listen:\n    network: unix\n    addr: ${socket}\n`)
      await using program = new Program(['--config', file], { FRONTIER_EDGEBOUND_PORT: '' })
      expect((await program.addresses()).edgebound).toBe(`unix://${socket}`)
    })

    it('says on one line what is wrong with the file', async () => {
      const file = path.join(folder, 'frontier.yaml')
      await writeFile(file, 'edgebound:\n  lisen: {}\n')
      await using program = new Program(['--config', file])
      expect(await program.exitCode).toBe(1)
      expect(program.error).toBe(`frontier: ${file}:2: unknown key edgebound.lisen; did you mean listen?\n`)
      expect(program.out).toBe('')
    })

    it('says on one line that a port is in use', async () => {
      const server = createServer().listen(0, '0.0.0.0')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      await using program = new Program([], { FRONTIER_EDGEBOUND_PORT: String(port) })
      expect(await program.exitCode).toBe(1)
      expect(program.error).toBe(`frontier: cannot listen on tcp://0.0.0.0:${port}: port ${port} is in use\n`)
      server.close()
    })

    it('refuses a flag it does not know', async () => {
      await using program = new Program(['--bogus'])
      expect(await program.exitCode).toBe(1)
      expect(program.error).toBe('frontier: unknown flag --bogus; see frontier --help\n')
    })
  })
})
