import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { text } from 'node:stream/consumers'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startGateway, type Gateway } from './support/gateway.js'
import { main, Program } from './support/program.js'

// What a script sees when it goes wrong: one line, and an exit code for each kind.

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const stats = (address: string, ...flags: string[]) => new Program(['stats', '--address', address, ...flags]).ended

describe('the way to the gateway', () => {
  it('5: nobody listens', async () => {
    const server = createServer()
    const address = await listening(server)
    server.close()
    const ending = await stats(address)
    expect(ending).toMatchObject({ exitCode: 5, out: '' })
    expect(ending.error).toBe(`frontier: UNAVAILABLE: cannot reach http://${address}: nobody listens there; is the gateway up, with controlplane.enable: true?\n`)
  })

  it('6: somebody listens and says nothing', async () => {
    const server = createServer(() => undefined)
    const ending = await stats(await listening(server), '--timeout', '200ms')
    server.close()
    expect(ending).toMatchObject({ exitCode: 6, error: expect.stringMatching(/^frontier: TIMEOUT: no answer from http:\S+ in time; give it longer with --timeout\n$/) })
  })

  it('5: the connection is closed, or what answers is no HTTP', async () => {
    for (const answer of ['', 'SSH-2.0-nothing\r\n']) {
      const server = createServer((socket) => {
        socket.on('error', () => undefined)
        socket.end(answer)
      })
      expect(await stats(await listening(server)), answer).toMatchObject({ exitCode: 5, error: expect.stringMatching(/^frontier: UNAVAILABLE: .+\n$/) })
      server.close()
    }
  })

  it('5: a port with TLS, asked without', async () => {
    // As the port of a gateway with TLS does it: it takes no byte that is not TLS.
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => socket.resetAndDestroy())
    })
    const ending = await stats(await listening(server))
    server.close()
    expect(ending).toMatchObject({ exitCode: 5, error: expect.stringMatching(/: the connection was closed; .+https:/) })
  })

  it('1: what answers is no control plane', async () => {
    const server = createHttpServer((_, response) => response.writeHead(404).end('<html>'))
    const ending = await stats(await listening(server))
    server.close()
    expect(ending).toMatchObject({ exitCode: 1, error: expect.stringMatching(/^frontier: PROTOCOL_ERROR: .+\n$/) })
  })

  it('ping tells of each that is lost, and fails when all are', async () => {
    const server = createServer()
    const address = await listening(server)
    server.close()
    const ending = await new Program(['ping', '--count', '2', '--interval', '1ms', '--address', address]).ended
    expect(ending.exitCode).toBe(5)
    expect(ending.out.match(/^seq=\d UNAVAILABLE: /gm)).toHaveLength(2)
    expect(ending.error).toMatch(/^frontier: UNAVAILABLE: .+\n$/)
  })
})

describe('the command line', () => {
  it.each([
    [['edges', 'ls', '--bogus'], 'unknown flag --bogus; see frontier edges ls --help'],
    [['bogus'], 'unknown command "bogus"; see frontier --help'],
    [['edges', 'get', 'x'], 'EDGE must be an id, 1 to 18446744073709551615, not "x"; see frontier edges get --help'],
    [['stats', '--address', 'ftp://x'], '"ftp://x" is no address of a control plane: give host:port, http://host:port, https://host:port or unix:///path'],
    [['rpcs', '--edge', '1', '--of', 'services'], '--edge does not go with --of services'],
    [['rpcs', '--service', 'a', '--of', 'edges'], '--service does not go with --of edges'],
    [['stats', '--ca', '/no/such.pem'], '--ca: cannot read /no/such.pem: there is no such file'],
  ])('2: %j', async (args, reason) => {
    expect(await new Program(args).ended).toMatchObject({ exitCode: 2, out: '', error: `frontier: INVALID_ARGUMENT: ${reason}\n` })
  })

  it('flags of the gateway fail as they did, with 1', async () => {
    expect(await new Program(['--bogus']).ended).toMatchObject({ exitCode: 1, error: 'frontier: unknown flag --bogus; see frontier --help\n' })
  })
})

describe('rights', () => {
  let gateway: Gateway
  const read = 'a-token-that-may-read'
  const admin = 'a-token-that-may-all'

  beforeAll(async () => {
    gateway = await startGateway([`auth: { tokens: [{ name: r, role: read, token: ${read} }, { name: a, role: admin, token: ${admin} }] }`])
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  it('4: no token, a wrong one, and one that may only read', async () => {
    expect(await gateway.run(['stats'])).toMatchObject({ exitCode: 4, error: expect.stringMatching(/^frontier: UNAUTHENTICATED: .+\n$/) })
    expect(await gateway.run(['stats', '--token', 'wrong'])).toMatchObject({ exitCode: 4, error: expect.stringContaining('UNAUTHENTICATED') })
    expect(await gateway.run(['stats', '--token', read])).toMatchObject({ exitCode: 0 })
    expect(await gateway.run(['edges', 'kick', '1', '--token', read])).toMatchObject({ exitCode: 4, error: expect.stringMatching(/PERMISSION_DENIED: .+; it needs the role admin\n$/) })
    expect(await gateway.run(['edges', 'kick', '1', '--token-file', '-'], { stdin: `${admin}\n` })).toMatchObject({ exitCode: 3 })
  })
})

describe('output that cannot be written', () => {
  it.skipIf(!existsSync('/dev/full'))('1: a full disk, on one line', async () => {
    await using gateway = await startGateway()
    for (const command of [['stats'], ['stats', '--json'], ['ping', '--count', '2', '--interval', '1ms']]) {
      const full = openSync('/dev/full', 'w')
      const child = spawn(process.execPath, [main, ...command, '--address', gateway.controlplane], { stdio: ['ignore', full, 'pipe'] })
      closeSync(full)
      const [[exitCode], error] = await Promise.all([once(child, 'close'), text(child.stderr!)])
      expect({ exitCode: exitCode as number, error }).toMatchObject({ exitCode: 1, error: expect.stringMatching(/^frontier: cannot write what it has found: ENOSPC.*\n$/) })
    }
  })

  it('a reader of stderr that goes away does not make a success of a failure', async () => {
    await using gateway = await startGateway()
    const child = spawn(process.execPath, [main, 'edges', 'get', '5', '--address', gateway.controlplane], { stdio: ['ignore', 'ignore', 'pipe'] })
    child.stderr.destroy()
    expect((await once(child, 'close'))[0]).toBe(3)
  })
})

describe('Ctrl-C', () => {
  it('130: also while it waits for stdin', async () => {
    const child = spawn(process.execPath, [main, 'call', '1', 'echo', '-', '--address', '127.0.0.1:1'], { stdio: ['pipe', 'ignore', 'ignore'] })
    child.stdin.on('error', () => undefined)
    // More than a pipe holds: once it is written, the program is reading.
    await new Promise((resolve) => child.stdin.write(Buffer.alloc(1 << 20), resolve))
    child.kill('SIGINT')
    expect((await once(child, 'exit'))[0]).toBe(130)
    child.stdin.destroy()
  })
})

describe('a reader that goes away', () => {
  it('is no failure: frontier ping | head -1', async () => {
    await using gateway = await startGateway()
    const ping = `"${process.execPath}" "${main}" ping --count 0 --interval 1ms --address ${gateway.controlplane}`
    const shell = spawn('bash', ['-c', `set -o pipefail; ${ping} | head -1; echo "exit $?"`], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    let error = ''
    shell.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    shell.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()))
    await once(shell, 'close')
    expect(error).toBe('')
    expect(out).toMatch(/^http:\S+ \(gw-1\) seq=1 .+\nexit 0\n$/)
  })
})
