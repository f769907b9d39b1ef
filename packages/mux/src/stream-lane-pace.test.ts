import { describe, expect, it, vi } from 'vitest'
import { LanePair, pour } from '../test/lane-pair.js'
import { INITIAL_WINDOW_BYTES, readYamuxFlags, readYamuxLength, readYamuxType, YamuxFlag, YamuxType } from './yamux-frame.js'

const MIB = 1_048_576

function sharedPair(): LanePair {
  const pair = new LanePair()
  pair.clientPort.isShared = true
  pair.serverPort.isShared = true
  return pair
}

describe('a stream on a shared link', () => {
  it('arrives whole, both ways at once, and its marks are answered one by one', async () => {
    const pair = sharedPair()
    pair.clientPort.keepsSent = true
    pair.serverPort.keepsSent = true
    const { opener, acceptor, from, to } = pair.stream()
    pour(opener, from, 5 * MIB)
    pour(acceptor, to, 3 * MIB)
    await vi.waitFor(() => {
      expect([from.ends, to.ends]).toEqual([1, 1])
    })
    expect([from.bytes, to.bytes]).toEqual([3 * MIB, 5 * MIB])
    const flagged = (frames: Uint8Array[], flag: number): number => frames.filter((frame) => (readYamuxFlags(frame, 0) & flag) !== 0).length
    const marks = flagged(pair.clientPort.sent, YamuxFlag.MARK)
    expect(marks).toBeGreaterThan(100)
    expect(flagged(pair.serverPort.sent, YamuxFlag.ARRIVED)).toBe(marks)
    expect([pair.client.size, pair.server.size]).toEqual([0, 0])
  })

  it('fills the window of an end that does not read, and does not wait before', async () => {
    const pair = sharedPair()
    const { opener, acceptor, from, to } = pair.stream()
    acceptor.pause()
    pour(opener, from, 2 * MIB)
    const sent = (): number =>
      pair.clientPort.sent.reduce((sum, frame) => sum + (readYamuxType(frame, 0) === YamuxType.DATA ? readYamuxLength(frame, 0) : 0), 0)
    pair.clientPort.keepsSent = true
    await vi.waitFor(() => {
      expect(sent()).toBe(INITIAL_WINDOW_BYTES)
    })
    acceptor.resume()
    await vi.waitFor(() => {
      expect([to.bytes, to.ends]).toEqual([2 * MIB, 1])
    })
  })

  it('both fill their windows before either reads', async () => {
    const pair = sharedPair()
    const { opener, acceptor, from, to } = pair.stream()
    opener.pause()
    acceptor.pause()
    pour(opener, from, INITIAL_WINDOW_BYTES)
    pour(acceptor, to, INITIAL_WINDOW_BYTES)
    await vi.waitFor(() => {
      expect([opener.queuedBytes, acceptor.queuedBytes]).toEqual([0, 0])
    })
    opener.resume()
    acceptor.resume()
    await vi.waitFor(() => {
      expect([from.bytes, to.bytes, from.ends, to.ends]).toEqual([INITIAL_WINDOW_BYTES, INITIAL_WINDOW_BYTES, 1, 1])
    })
  })

  it('has no marks while it is short', async () => {
    const pair = sharedPair()
    pair.clientPort.keepsSent = true
    const { opener, from, to } = pair.stream()
    pour(opener, from, 10_000)
    await vi.waitFor(() => {
      expect(to.ends).toBe(1)
    })
    expect(pair.clientPort.sent.some((frame) => (readYamuxFlags(frame, 0) & YamuxFlag.MARK) !== 0)).toBe(false)
  })
})
