import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { dial, listen, type BytePipe, type Listener } from '../src/index.js'
import { linkBytes, Recorder, settle, until } from './recorder.js'

describe('hostile and unlucky peers', () => {
  let listener: Listener
  let pipes: BytePipe[]

  beforeEach(async () => {
    pipes = []
    listener = await listen('127.0.0.1:0', { onPipe: (pipe) => void pipes.push(pipe) })
  })

  afterEach(async () => {
    await listener.close()
    for (const pipe of pipes) pipe.destroy()
  })

  const connectRaw = async (allowHalfOpen = false): Promise<[Socket, BytePipe, Recorder]> => {
    const known = pipes.length
    const socket = connect({ port: Number(listener.address.split(':').pop()), host: '127.0.0.1', allowHalfOpen })
    socket.on('error', () => undefined).write(linkBytes())
    await until(() => pipes.length > known)
    const pipe = pipes[known]!
    const recorder = Recorder.on(pipe)
    await until(() => recorder.length === 1)
    return [socket, pipe, recorder]
  }

  it('a reset ends the pipe with EOF and its cause', async () => {
    const [socket, pipe, recorder] = await connectRaw()
    socket.resetAndDestroy()
    await until(() => recorder.ends === 1)
    expect(recorder.error).toMatchObject({ code: 'EOF', cause: { code: 'ECONNRESET' } })
    pipe.write([linkBytes()])
    pipe.end()
    pipe.destroy()
    await settle()
    expect(recorder.ends).toBe(1)
  })

  it('a reset before start is told after it', async () => {
    const socket = connect(Number(listener.address.split(':').pop()), '127.0.0.1')
    socket.on('error', () => undefined).write(linkBytes())
    await until(() => pipes.length === 1)
    socket.resetAndDestroy()
    await settle()
    const recorder = Recorder.on(pipes[0]!)
    await until(() => recorder.ends === 1)
  })

  it('a half-close ends the pipe; what we had written still arrives, and we close', async () => {
    const [socket, pipe, recorder] = await connectRaw(true)
    let received = 0
    let isFinished = false
    socket.on('data', (chunk) => (received += chunk.length)).on('end', () => (isFinished = true))
    pipe.write([new Uint8Array(1_000_000)])
    socket.end()
    await until(() => recorder.ends === 1)
    expect(recorder.error).toBeUndefined()
    await until(() => isFinished)
    expect(received).toBe(1_000_000)
    socket.destroy()
  })

  it('a half-closed peer that does not read is let go after a second', async () => {
    const [socket, pipe, recorder] = await connectRaw(true)
    socket.pause()
    pipe.write([new Uint8Array(16_000_000)])
    expect(pipe.queuedBytes).toBeGreaterThan(0)
    socket.end()
    await until(() => recorder.ends === 1)
    await until(() => pipe.queuedBytes === 0) // destroyed
    socket.destroy()
  })

  it('a peer that never reads makes queuedBytes grow, and onDrained fires once it reads', async () => {
    const [socket, pipe, recorder] = await connectRaw()
    socket.pause()
    const part = new Uint8Array(1_000_000)
    let written = 0
    while (pipe.queuedBytes < 4_000_000) {
      pipe.write([part])
      written += part.length
    }
    await settle()
    const stuck = pipe.queuedBytes
    pipe.write([part, part])
    expect(pipe.queuedBytes).toBe(stuck + 2_000_000)
    expect(recorder.drained).toBe(0)
    let received = 0
    socket.on('data', (chunk) => (received += chunk.length))
    socket.resume()
    await until(() => recorder.drained === 1)
    expect(pipe.queuedBytes).toBe(0)
    await until(() => received === written + 2_000_000)
    socket.destroy()
  })

  it('a dialled pipe survives a server that resets it', async () => {
    const rude = createServer((socket) => setImmediate(() => socket.resetAndDestroy())).listen(0, '127.0.0.1')
    await new Promise((resolve) => rude.once('listening', resolve))
    const pipe = await dial(`127.0.0.1:${(rude.address() as AddressInfo).port}`)
    await settle()
    const recorder = Recorder.on(pipe)
    await until(() => recorder.ends === 1)
    rude.close()
  })
})
