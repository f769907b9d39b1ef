import type { RawStream } from '@frontier/mux'
import { encodeFrame, FrameType, FrontierError } from '@frontier/wire'
import { describe, expect, it, vi } from 'vitest'
import { Channel } from './channel.js'
import { resolveChannelOptions } from './channel-options.js'
import { lateError } from './late-error.js'
import { StreamChannel } from './stream-channel.js'
import { StreamWriter } from './stream-writer.js'

function setUp(): { calls: StreamChannel; sent: Uint8Array[]; create: ReturnType<typeof vi.fn<() => Channel>> } {
  const sent: Uint8Array[] = []
  const create = vi.fn(() => new Channel(resolveChannelOptions()))
  const raw: Pick<RawStream, 'write'> = { write: (bytes) => sent.push(bytes) > 0 }
  const writer = new StreamWriter(raw as RawStream, 32_000)
  return { calls: new StreamChannel(writer, 32_768, { maxPayloadBytes: 1_000_000, maxInFlight: 10, createChannel: create }), sent, create }
}

function take(calls: StreamChannel, type: number): boolean {
  const frame = encodeFrame({ type, id: 7, key: 'x', data: new Uint8Array(3) })
  return calls.onFrame(frame, 0, frame.length)
}

describe('the channel of a stream', () => {
  it('is not made by frames that are about nothing, nor by the end', async () => {
    const { calls, create } = setUp()
    expect([FrameType.ANSWER, FrameType.ACK, FrameType.CANCEL, FrameType.PROGRESS].map((type) => take(calls, type))).toEqual([true, true, true, true])
    expect(take(calls, FrameType.DATA)).toBe(false)
    const make = vi.fn(() => new FrontierError('EOF', 'over'))
    calls.onWritable()
    await calls.idle()
    calls.close(lateError(make))
    expect(take(calls, FrameType.CALL)).toBe(true)
    expect([calls.isBusy, create.mock.calls.length, make.mock.calls.length]).toEqual([false, 0, 0])
  })

  it('is made by a call of the other side, once', () => {
    const { calls, sent, create } = setUp()
    expect([take(calls, FrameType.CALL), take(calls, FrameType.MESSAGE)]).toEqual([true, true])
    expect([create.mock.calls.length, calls.isBusy, sent.length]).toEqual([1, true, 1])
  })

  it('asked for after the end, fails with what ended it', async () => {
    const { calls } = setUp()
    calls.close(lateError(() => new FrontierError('EOF', 'the other end closed the stream')))
    calls.close(lateError(() => new FrontierError('STREAM_RESET', 'late')))
    await expect(calls.channel.call({ method: 'x' })).rejects.toMatchObject({ code: 'EOF', message: 'EOF: the other end closed the stream' })
    expect(calls.channel).toBe(calls.channel)
  })
})
