import { Sweep, type Link } from '@frontier/mux'
import { encodeFrame, FrameType, readId, readType } from '@frontier/wire'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { KeepAlive } from './keep-alive.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function build(intervalMs = 1000): {
  sent: Uint8Array[]
  link: { lastHeardTick: number; lastSentTick: number }
  host: { wantsRtt: boolean; onRtt: ReturnType<typeof vi.fn>; onSilence: ReturnType<typeof vi.fn> }
  keepAlive: KeepAlive
  sweep: Sweep
} {
  const sweep = new Sweep(250)
  const sent: Uint8Array[] = []
  const link = {
    lastHeardTick: 0,
    lastSentTick: 0,
    sendControl(frame: Uint8Array) {
      sent.push(frame)
      link.lastSentTick = sweep.tick
    },
  }
  const host = { wantsRtt: false, onRtt: vi.fn(), onSilence: vi.fn() }
  return { sent, link, host, sweep, keepAlive: new KeepAlive(link as unknown as Link, intervalMs, host, sweep) }
}

describe('KeepAlive', () => {
  it('pings after an interval in which nothing was sent, and measures the answer', () => {
    const { sent, host, keepAlive } = build()
    vi.advanceTimersByTime(750)
    expect(sent).toHaveLength(0)
    vi.advanceTimersByTime(250)
    expect(sent).toHaveLength(1)
    expect(readType(sent[0]!, 0)).toBe(FrameType.PING)
    vi.advanceTimersByTime(40)
    keepAlive.onPong(encodeFrame({ type: FrameType.PONG, id: readId(sent[0]!, 0) }), 0)
    expect(host.onRtt).toHaveBeenCalledWith(40)
    keepAlive.onPong(encodeFrame({ type: FrameType.PONG, id: readId(sent[0]!, 0) }), 0)
    expect(host.onRtt).toHaveBeenCalledTimes(1)
    keepAlive.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not ping a link that sends and hears', () => {
    const { sent, link, sweep } = build()
    for (let i = 0; i < 40; i++) {
      link.lastSentTick = sweep.tick
      link.lastHeardTick = sweep.tick
      vi.advanceTimersByTime(250)
    }
    expect(sent).toHaveLength(0)
  })

  it('asks a link that only sends for a sign of life', () => {
    const { sent, link, host, sweep } = build()
    for (let i = 0; i < 6; i++) {
      link.lastSentTick = sweep.tick
      vi.advanceTimersByTime(250)
    }
    expect(sent).toHaveLength(1)
    expect(host.onSilence).not.toHaveBeenCalled()
  })

  it('calls the link dead when nothing was heard for more than 1.75 intervals', () => {
    const { host } = build()
    vi.advanceTimersByTime(1750)
    expect(host.onSilence).not.toHaveBeenCalled()
    vi.advanceTimersByTime(250)
    expect(host.onSilence).toHaveBeenCalledWith(expect.objectContaining({ code: 'EOF' }))
  })

  it('measures now and then while there are streams, however busy the link', () => {
    const { sent, link, host, sweep } = build(30_000)
    host.wantsRtt = true
    for (let i = 0; i < 48; i++) {
      link.lastSentTick = sweep.tick
      link.lastHeardTick = sweep.tick
      vi.advanceTimersByTime(250)
    }
    expect(sent).toHaveLength(1)
  })
})
