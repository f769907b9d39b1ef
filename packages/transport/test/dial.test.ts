import { createServer, type AddressInfo } from 'node:net'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { dial, listen } from '../src/index.js'

const temporaryPath = (): string => path.join(tmpdir(), `frontier-${randomUUID()}.sock`)

/** A port where nothing listens, as far as one can know. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('dial', () => {
  it('says in plain words why nothing could be reached', async () => {
    const address = `tcp://127.0.0.1:${await freePort()}`
    await expect(dial(address)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      message: `UNAVAILABLE: cannot connect to ${address}: connection refused: nothing listens there (ECONNREFUSED)`,
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    })
    await expect(dial(`unix://${temporaryPath()}`)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('no such file'),
    })
    await expect(dial('memory://nobody')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('gives up in time on a peer that does not finish the handshake', async () => {
    const mute = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => mute.once('listening', resolve))
    const { port } = mute.address() as AddressInfo
    await expect(dial(`tls://127.0.0.1:${port}`, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    const controller = new AbortController()
    const dialling = dial(`tls://127.0.0.1:${port}`, { signal: controller.signal, timeoutMs: Infinity })
    mute.once('connection', () => controller.abort(new Error('changed my mind')))
    await expect(dialling).rejects.toMatchObject({ code: 'CANCELLED', cause: { message: 'changed my mind' } })
    mute.close()
  })

  it('a peer that closes during the handshake is UNAVAILABLE', async () => {
    const rude = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await new Promise((resolve) => rude.once('listening', resolve))
    const { port } = rude.address() as AddressInfo
    await expect(dial(`tls://127.0.0.1:${port}`)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    rude.close()
  })

  it.each([
    ['nonsense', {}],
    ['ws://gateway:80', {}],
    ['tcp://127.0.0.1:0', {}],
    ['tcp://127.0.0.1:1', { timeoutMs: 0 }],
    ['tcp://127.0.0.1:1', { timeoutMs: Number.NaN }],
    ['tls://127.0.0.1:1', { tls: { cert: 'x' } }],
    ['tls://127.0.0.1:1', { tls: { cert: 'x', key: 'y' } }],
  ])('refuses %s with %j as INVALID_ARGUMENT', async (address, options) => {
    await expect(dial(address, options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('listen', () => {
  const onPipe = (): void => undefined

  it('names the port that is in use', async () => {
    await using first = await listen('127.0.0.1:0', { onPipe })
    const port = first.address.split(':').pop()!
    expect(first.address).toBe(`tcp://127.0.0.1:${port}`)
    await expect(listen(first.address, { onPipe })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `UNAVAILABLE: cannot listen on tcp://127.0.0.1:${port}: port ${port} is in use`,
    })
  })

  it.each([
    ['tcp://192.0.2.1:0', 'UNAVAILABLE', '192.0.2.1 is no address of this machine'],
    ['unix:///no/such/folder/x.sock', 'UNAVAILABLE', 'there is no such folder'],
    ['tls://127.0.0.1:0', 'INVALID_ARGUMENT', 'needs tls.cert and tls.key'],
    ['wss://127.0.0.1:0', 'INVALID_ARGUMENT', 'come later'],
  ])('on %s fails with %s: %s', async (address, code, reason) => {
    await expect(listen(address, { onPipe })).rejects.toMatchObject({ code, message: expect.stringContaining(reason) })
  })

  it('needs somebody to take the pipes', async () => {
    const listenToNobody = listen as unknown as (address: string) => Promise<unknown>
    await expect(listenToNobody('127.0.0.1:0')).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('takes over a unix socket that a dead process left behind', async () => {
    const socketPath = temporaryPath()
    const program = `require('net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', program])
    await using listener = await listen(`unix://${socketPath}`, { onPipe })
    const pipe = await dial(listener.address)
    pipe.destroy()
  })

  it('does not remove a file that is no socket', async () => {
    const file = temporaryPath()
    await writeFile(file, 'precious')
    await expect(listen(`unix://${file}`, { onPipe })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await rm(file) // throws if it is gone
  })
})
