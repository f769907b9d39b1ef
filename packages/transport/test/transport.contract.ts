import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { dial, listen, type BytePipe, type DialOptions, type Listener, type ListenOptions } from '../src/index.js'
import { linkBytes, Recorder, settle, until } from './recorder.js'

/** A transport under test: where to listen, and what it takes to get through. */
export interface TransportFixture {
  readonly address: string
  readonly listenOptions?: Partial<ListenOptions>
  readonly dialOptions?: DialOptions
}

/** What every transport promises about its pipes, whatever they are made of. */
export function describeTransport(name: string, setUp: () => Promise<TransportFixture>): void {
  describe(`${name}: the transport contract`, () => {
    let fixture: TransportFixture
    let listener: Listener
    let accepted: BytePipe[]
    let open: BytePipe[]
    let onPipe: ((pipe: BytePipe) => void) | undefined

    beforeEach(async () => {
      fixture = await setUp()
      accepted = []
      open = []
      onPipe = undefined
      listener = await listen(fixture.address, {
        ...fixture.listenOptions,
        onPipe: (pipe) => {
          onPipe?.(pipe)
          accepted.push(pipe)
        },
      })
    })

    afterEach(async () => {
      await listener.close()
      for (const pipe of [...open, ...accepted]) pipe.destroy()
    })

    const dialUp = async (): Promise<BytePipe> => {
      const pipe = await dial(listener.address, fixture.dialOptions)
      open.push(pipe)
      return pipe
    }

    /** A dialled and an accepted end; the first byte has been sent and waits at the accepted one. */
    const connect = async (): Promise<[BytePipe, BytePipe]> => {
      const known = accepted.length
      const near = await dialUp()
      near.write([linkBytes()])
      await until(() => accepted.length > known)
      return [near, accepted[known]!]
    }

    it('carries bytes both ways, whole and in order', async () => {
      const [near, far] = await connect()
      const nearEnd = Recorder.on(near)
      const farEnd = Recorder.on(far)
      const sent = Buffer.alloc(1_000_000, Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz-'))
      for (let offset = 0; offset < sent.length; offset += 70_000) {
        const part = sent.subarray(offset, offset + 70_000)
        near.write([part.subarray(0, 1), part.subarray(1, 1_000), part.subarray(1_000)])
        far.write([part])
      }
      await until(() => nearEnd.length === sent.length && farEnd.length === sent.length + 1)
      expect(nearEnd.bytes.equals(sent)).toBe(true)
      expect(farEnd.bytes.subarray(1).equals(sent)).toBe(true)
      await until(() => near.queuedBytes === 0 && far.queuedBytes === 0)
    })

    it('hands out chunks whose slices are copies', async () => {
      const [near, far] = await connect()
      const farEnd = Recorder.on(far)
      near.write([Uint8Array.of(1, 2, 3)])
      await until(() => farEnd.length === 4)
      for (const chunk of farEnd.chunks) expect(chunk.slice(0, 1).buffer).not.toBe(chunk.buffer)
    })

    it('calls nothing from inside start, and then brings what came before it', async () => {
      const [near, far] = await connect()
      near.write([Uint8Array.of(1, 2), Uint8Array.of(3)])
      await settle()
      const farEnd = Recorder.on(far)
      expect(farEnd.chunks).toEqual([])
      await until(() => farEnd.length === 4)
      expect([...farEnd.bytes]).toEqual([0xf1, 1, 2, 3])
    })

    it('takes no bytes and empty chunks in its stride', async () => {
      const [near, far] = await connect()
      const farEnd = Recorder.on(far)
      near.write([])
      near.write([new Uint8Array(0)])
      near.write([new Uint8Array(0), Uint8Array.of(7), new Uint8Array(0)])
      await until(() => farEnd.length === 2)
      await until(() => near.queuedBytes === 0)
      expect(farEnd.ends).toBe(0)
    })

    it('throws INVALID_ARGUMENT when started twice', async () => {
      const [near] = await connect()
      Recorder.on(near)
      expect(() => Recorder.on(near)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    })

    it('names the other end', async () => {
      const [near, far] = await connect()
      expect(near.remoteAddress).toMatch(/^(127\.0\.0\.1:\d+|unix:\/.+|memory:.+)$/)
      expect(far.remoteAddress).toMatch(/^(127\.0\.0\.1:\d+|unix:\/.+|memory:.+)$/)
    })

    it('end sends what was written, then both ends hear of it once and without error', async () => {
      const [near, far] = await connect()
      const nearEnd = Recorder.on(near)
      const farEnd = Recorder.on(far)
      near.write([new Uint8Array(300_000)])
      near.end()
      near.end()
      near.write([Uint8Array.of(9)])
      await until(() => nearEnd.ends + farEnd.ends === 2)
      await settle()
      expect(farEnd.length).toBe(300_001)
      expect([nearEnd.ends, nearEnd.error, farEnd.ends, farEnd.error]).toEqual([1, undefined, 1, undefined])
    })

    it('a FIN ends the pipe, after what this side had written has left', async () => {
      const [near, far] = await connect()
      const nearEnd = Recorder.on(near)
      const farEnd = Recorder.on(far)
      await until(() => farEnd.length === 1)
      far.write([new Uint8Array(200_000)])
      near.end()
      await until(() => nearEnd.ends + farEnd.ends === 2)
      expect(nearEnd.length).toBe(200_000)
      far.write([Uint8Array.of(1)])
      far.end()
      far.destroy()
      await settle()
      expect(farEnd.ends).toBe(1)
    })

    it('end gives up on a peer that never reads after one second', async () => {
      const [near, far] = await connect()
      const nearEnd = Recorder.on(near)
      far.pause()
      near.write([new Uint8Array(16_000_000)])
      const since = performance.now()
      near.end()
      await until(() => nearEnd.ends === 1)
      expect(performance.now() - since).toBeGreaterThan(900)
      expect(performance.now() - since).toBeLessThan(5_000)
    })

    it('destroy ends both sides once, the own side with the given error', async () => {
      const [near, far] = await connect()
      const nearEnd = Recorder.on(near)
      const farEnd = Recorder.on(far)
      const reason = Object.assign(new Error('enough'), { code: 'KICKED' }) as never
      near.destroy(reason)
      near.destroy()
      near.end()
      near.write([Uint8Array.of(1)])
      expect(nearEnd.ends).toBe(0)
      await until(() => nearEnd.ends + farEnd.ends === 2)
      await settle()
      expect([nearEnd.ends, farEnd.ends]).toEqual([1, 1])
      expect(nearEnd.error).toBe(reason)
    })

    it('no bytes come after a destroy from inside onBytes', async () => {
      const [near, far] = await connect()
      const farEnd = Recorder.on(far)
      farEnd.onChunk = () => far.destroy()
      near.write([new Uint8Array(500_000)])
      await until(() => farEnd.ends === 1)
      expect(farEnd.chunks).toHaveLength(1)
    })

    it('pause holds the peer back: its queuedBytes grow, and onDrained follows the resume', async () => {
      const [near, far] = await connect()
      const nearEnd = Recorder.on(near)
      const farEnd = Recorder.on(far)
      await until(() => farEnd.length === 1)
      far.pause()
      for (let part = 0; part < 16; part++) near.write([new Uint8Array(1_000_000)])
      await settle()
      expect(near.queuedBytes).toBeGreaterThan(1_000_000)
      const drainedBefore = nearEnd.drained
      const receivedWhilePaused = farEnd.length
      await settle()
      expect(farEnd.length).toBe(receivedWhilePaused)
      far.resume()
      await until(() => farEnd.length === 16_000_001)
      await until(() => near.queuedBytes === 0)
      expect(nearEnd.drained).toBeGreaterThan(drainedBefore)
    })

    it('onDrained follows each write that did not leave at once, small ones too', async () => {
      const [near, far] = await connect()
      const nearEnd = Recorder.on(near)
      Recorder.on(far)
      for (let round = 1; round <= 20; round++) {
        near.write([new Uint8Array(10)])
        if (near.queuedBytes > 0) {
          const drained = nearEnd.drained
          await until(() => nearEnd.drained > drained)
        }
        expect(near.queuedBytes).toBe(0)
      }
    })

    it('chunks belong to whoever received them', async () => {
      const [near, far] = await connect()
      const farEnd = Recorder.on(far)
      await until(() => farEnd.length === 1)
      near.write([Uint8Array.of(1, 2, 3)])
      await until(() => farEnd.length === 4)
      farEnd.chunks[1]!.fill(9)
      near.write([Uint8Array.of(4, 5, 6)])
      await until(() => farEnd.length === 7)
      expect([...farEnd.bytes.subarray(-3)]).toEqual([4, 5, 6])
      expect([...farEnd.bytes.subarray(1, 4)]).toEqual([9, 9, 9])
    })

    it('an accepted pipe that is started after its peer has gone still tells all', async () => {
      const [near, far] = await connect()
      const nearEnd = Recorder.on(near)
      near.write([Uint8Array.of(5)])
      near.end()
      await until(() => nearEnd.ends === 1)
      const farEnd = Recorder.on(far)
      expect(farEnd.ends).toBe(0)
      await until(() => farEnd.ends === 1)
      expect([...farEnd.bytes]).toEqual([0xf1, 5])
    })

    it('a pipe that is destroyed before its start ends as soon as it is started', async () => {
      const [, far] = await connect()
      far.destroy()
      await settle()
      const farEnd = Recorder.on(far)
      expect(farEnd.ends).toBe(0)
      await until(() => farEnd.ends === 1)
      expect(farEnd.length).toBe(0)
    })

    it('an onPipe that throws costs that connection only', async () => {
      onPipe = () => {
        throw new Error('not today')
      }
      const refused = await dialUp()
      const refusedEnd = Recorder.on(refused)
      refused.write([linkBytes()])
      await until(() => refusedEnd.ends === 1)
      onPipe = undefined
      const [near, far] = await connect()
      Recorder.on(far)
      near.end()
      expect(accepted).toHaveLength(1)
    })

    it('close stops accepting and leaves pipes alone', async () => {
      const [near, far] = await connect()
      const farEnd = Recorder.on(far)
      await listener.close()
      await listener[Symbol.asyncDispose]()
      await expect(dial(listener.address, fixture.dialOptions)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      near.write([Uint8Array.of(1)])
      await until(() => farEnd.length === 2)
    })

    it('says in plain words that an address is taken, and gives it free', async () => {
      const again = listen(listener.address, { ...fixture.listenOptions, onPipe: () => undefined })
      await expect(again).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringMatching(/cannot listen on .+: .+ in use$/),
      })
      await listener.close()
      const next = await listen(listener.address, { ...fixture.listenOptions, onPipe: () => undefined })
      await next.close()
    })

    it('a dial whose signal has aborted is CANCELLED', async () => {
      const signal = AbortSignal.abort()
      await expect(dial(listener.address, { ...fixture.dialOptions, signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    })
  })
}
