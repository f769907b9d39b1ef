import { connect, type Socket } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'

import { dial, listen, type BytePipe, type Listener, type ListenOptions, type Refusal } from '../src/index.js'
import { Recorder, settle, until } from './recorder.js'

describe('a listener looks at the first bytes', () => {
  let listener: Listener | undefined
  let pipes: BytePipe[] = []
  let refused: Refusal[] = []

  const start = async (options: Partial<ListenOptions> = {}): Promise<void> => {
    pipes = []
    refused = []
    listener = await listen('127.0.0.1:0', {
      onPipe: (pipe) => void pipes.push(pipe),
      onRefused: (refusal) => void refused.push(refusal),
      ...options,
    })
  }

  const connectRaw = async (): Promise<{ socket: Socket; isClosed: () => boolean }> => {
    const socket = connect(Number(listener!.address.split(':').pop()), '127.0.0.1')
    let isClosed = false
    socket.on('error', () => undefined).on('close', () => (isClosed = true))
    socket.resume()
    await new Promise((resolve) => socket.once('connect', resolve))
    return { socket, isClosed: () => isClosed }
  }

  afterEach(async () => {
    await listener?.close()
    for (const pipe of pipes) pipe.destroy()
  })

  it('F1 makes a pipe at once, with all its bytes', async () => {
    await start()
    const { socket } = await connectRaw()
    socket.write(Uint8Array.of(0xf1))
    await until(() => pipes.length === 1)
    socket.write(Uint8Array.of(1, 2))
    await settle()
    const recorder = Recorder.on(pipes[0]!)
    socket.write(Uint8Array.of(3))
    await until(() => recorder.length === 4)
    expect([...recorder.bytes]).toEqual([0xf1, 1, 2, 3])
    socket.destroy()
  })

  it.each([
    ['geminio-v1', [0x01, 0x01, 0x00]],
    ['tls-on-plain', [0x16, 0x03, 0x01, 0x02]],
    ['websocket', [...Buffer.from('GET / HTTP/1.1\r\n')]],
    ['unknown-protocol', [...Buffer.from('SSH-2.0')]],
    ['unknown-protocol', [0x00, 0x00]],
  ])('%s is refused', async (reason, bytes) => {
    await start()
    const { socket, isClosed } = await connectRaw()
    socket.write(Uint8Array.from(bytes))
    await until(isClosed)
    const remoteAddress = expect.stringMatching(/^127\.0\.0\.1:\d+$/)
    expect(refused).toEqual([{ reason, remoteAddress }])
    expect(pipes).toEqual([])
  })

  it('first bytes may come one at a time', async () => {
    await start()
    const { socket, isClosed } = await connectRaw()
    socket.setNoDelay(true)
    for (const byte of Buffer.from('GET')) {
      socket.write(Uint8Array.of(byte))
      await settle()
      expect(refused).toEqual([])
    }
    socket.write(' ')
    await until(isClosed)
    expect(refused.map(({ reason }) => reason)).toEqual(['websocket'])
  })

  it('silence, and a start that is never finished, end when the time is up', async () => {
    await start({ sniffTimeoutMs: 60 })
    const silent = await connectRaw()
    const slow = await connectRaw()
    slow.socket.write('GE')
    await until(() => silent.isClosed() && slow.isClosed())
    expect(refused.map(({ reason }) => reason)).toEqual(['silence', 'silence'])
  })

  it('a pipe may be as silent as it likes', async () => {
    await start({ sniffTimeoutMs: 30 })
    const { socket, isClosed } = await connectRaw()
    socket.write(Uint8Array.of(0xf1))
    await until(() => pipes.length === 1)
    const other = await connectRaw()
    await until(other.isClosed) // the limit has passed for both
    expect(isClosed()).toBe(false)
    socket.destroy()
  })

  it('probes that connect and leave, or reset, are nobody’s business', async () => {
    await start()
    for (let probe = 0; probe < 5; probe++) {
      const { socket, isClosed } = await connectRaw()
      if (probe % 2 === 0) socket.end()
      else socket.resetAndDestroy()
      await until(isClosed)
    }
    await settle()
    expect([refused, pipes]).toEqual([[], []])
  })

  it('a flood of silent connections costs the oldest of them their place', async () => {
    await start({ maxSniffing: 3 })
    const silent = [await connectRaw(), await connectRaw(), await connectRaw(), await connectRaw()]
    await until(() => silent[0]!.isClosed())
    expect(refused.map(({ reason }) => reason)).toEqual(['too-many'])
    expect(silent[1]!.isClosed()).toBe(false)
    const link = await dial(listener!.address)
    link.write([Uint8Array.of(0xf1)])
    await until(() => pipes.length === 1)
    link.destroy()
    for (const { socket } of silent) socket.destroy()
  })

  it('close ends what is undecided', async () => {
    await start()
    const { isClosed } = await connectRaw()
    await settle()
    await listener!.close()
    await until(isClosed)
    expect(refused).toEqual([])
  })

  it('a handler that throws is logged and does no harm', async () => {
    const logged: string[] = []
    await start({
      onRefused: () => {
        throw new Error('no')
      },
      logger: { warn: (_fields, message) => void logged.push(message) },
    })
    const { socket, isClosed } = await connectRaw()
    socket.write('hello')
    await until(isClosed)
    await until(() => logged.length === 1)
  })

  it.each([{ sniffTimeoutMs: 0 }, { sniffTimeoutMs: Number.NaN }, { maxSniffing: 0 }, { maxSniffing: 1.5 }])(
    'refuses %j with INVALID_ARGUMENT',
    async (options) => {
      await expect(start(options)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    },
  )
})
