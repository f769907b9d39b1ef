import type { SplitFrame } from '@frontier/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat } from '../test/fake-pipe.js'
import { StreamHalf, switchFrame, switchSplitFrame, takeSessionFrame, type SwitchPort } from './stream-switch.js'
import { encodeYamux, readYamuxFlags, readYamuxId, readYamuxLength, readYamuxType, YamuxFlag, YamuxType } from './yamux-frame.js'

class Port implements SwitchPort {
  readonly sent: Uint8Array[] = []

  get queuedStreamBytes(): number {
    return this.sent.reduce((sum, frame) => sum + frame.length, 0)
  }

  sendStream(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.sent.push(Uint8Array.from(bytes.subarray(start, end)))
  }

  sendSplitStream({ head, start, tail, end }: SplitFrame): void {
    this.sent.push(concat([head.subarray(start), tail.subarray(0, end)]))
  }
}

function openPair(): { left: Port; right: Port; half: StreamHalf; twin: StreamHalf } {
  const left = new Port()
  const right = new Port()
  const [half, twin] = StreamHalf.pair(left, 7, right, 40)
  half.open()
  return { left, right, half, twin }
}

function pass(half: StreamHalf, frame: Uint8Array): string {
  return switchFrame(half, frame, 0, frame.length)
}

const KIB = 1024

describe('switchFrame', () => {
  it('passes frames on with the id of the other link, and leaves the rest as it was', () => {
    const { left, right, half, twin } = openPair()
    const data = encodeYamux(YamuxType.DATA, YamuxFlag.SYN, 7, 3)
    data.set([1, 2, 3], 12)
    expect(pass(half, data)).toBe('open')
    expect(pass(twin, encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.ACK, 40, 3))).toBe('open')
    expect(right.sent).toHaveLength(1)
    expect(readYamuxId(right.sent[0]!, 0)).toBe(40)
    expect(readYamuxFlags(right.sent[0]!, 0)).toBe(YamuxFlag.SYN)
    expect([...right.sent[0]!.subarray(12)]).toEqual([1, 2, 3])
    expect(left.sent.map((frame) => [readYamuxType(frame, 0), readYamuxId(frame, 0), readYamuxLength(frame, 0)])).toEqual([[YamuxType.WINDOW_UPDATE, 7, 3]])
  })

  it('takes a frame where it lies in a chunk', () => {
    const { right, half } = openPair()
    const frame = encodeYamux(YamuxType.DATA, 0, 7, 2)
    const chunk = new Uint8Array(100).fill(9)
    chunk.set(frame, 50)
    expect(readYamuxId(chunk, 50)).toBe(7)
    expect(switchFrame(half, chunk, 50, 64)).toBe('open')
    expect(right.sent[0]).toHaveLength(14)
    expect(chunk[49]).toBe(9)
    expect(chunk[64]).toBe(9)
  })

  it('takes a frame that lies in two chunks, wherever it is cut behind its header', () => {
    const frame = encodeYamux(YamuxType.DATA, YamuxFlag.FIN, 7, 30)
    frame.fill(5, 12)
    for (let cut = 12; cut < frame.length; cut++) {
      const { right, half } = openPair()
      const head = concat([new Uint8Array(3), frame.subarray(0, cut)])
      const split = { head, start: 3, tail: concat([frame.subarray(cut), frame]), end: frame.length - cut }
      expect(switchSplitFrame(half, split)).toBe('open')
      expect([half.hasFinished, half.creditBytes]).toEqual([true, 256 * KIB - 30])
      expect(right.sent).toHaveLength(1)
      expect(readYamuxId(right.sent[0]!, 0)).toBe(40)
      expect(right.sent[0]!.subarray(12)).toEqual(frame.subarray(12))
      expect(switchSplitFrame(half, split)).toBe('violation')
    }
  })

  it('lets each side send 256 KiB, and not a byte more before it was given credit', () => {
    const { right, half, twin } = openPair()
    for (let i = 0; i < 8; i++) expect(pass(half, encodeYamux(YamuxType.DATA, 0, 7, 32 * KIB))).toBe('open')
    expect(pass(half, encodeYamux(YamuxType.DATA, 0, 7, 0))).toBe('open')
    const sent = right.sent.length
    expect(pass(half, encodeYamux(YamuxType.DATA, 0, 7, 1))).toBe('violation')
    expect(right.sent).toHaveLength(sent)
    // The other direction has credit of its own.
    expect(pass(twin, encodeYamux(YamuxType.DATA, 0, 40, 100))).toBe('open')
    expect(pass(twin, encodeYamux(YamuxType.WINDOW_UPDATE, 0, 40, 1))).toBe('open')
    expect(pass(half, encodeYamux(YamuxType.DATA, 0, 7, 1))).toBe('open')
    expect(pass(half, encodeYamux(YamuxType.DATA, 0, 7, 1))).toBe('violation')
  })

  it('ends with both FINs, in either order, also when they ride on data', () => {
    const { half, twin } = openPair()
    expect(pass(half, encodeYamux(YamuxType.DATA, YamuxFlag.FIN, 7, 10))).toBe('open')
    expect(pass(twin, encodeYamux(YamuxType.DATA, 0, 40, 10))).toBe('open')
    expect(pass(twin, encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.FIN, 40, 0))).toBe('over')
  })

  it('takes no data behind FIN, but credit', () => {
    const { half } = openPair()
    expect(pass(half, encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.FIN, 7, 0))).toBe('open')
    expect(pass(half, encodeYamux(YamuxType.WINDOW_UPDATE, 0, 7, 500))).toBe('open')
    expect(pass(half, encodeYamux(YamuxType.DATA, 0, 7, 1))).toBe('violation')
  })

  it('ends with RST, which is passed on', () => {
    const { right, half } = openPair()
    expect(pass(half, encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.RST, 7, 0))).toBe('over')
    expect(readYamuxFlags(right.sent[0]!, 0)).toBe(YamuxFlag.RST)
  })

  it('takes a flood of credit for what it is', () => {
    const { left, half, twin } = openPair()
    expect(pass(twin, encodeYamux(YamuxType.WINDOW_UPDATE, 0, 40, 0xffff_ffff - 256 * KIB))).toBe('open')
    expect(half.creditBytes).toBe(0xffff_ffff)
    expect(pass(twin, encodeYamux(YamuxType.WINDOW_UPDATE, 0, 40, 1))).toBe('violation')
    expect(left.sent).toHaveLength(1)
  })

  it('throws PROTOCOL_ERROR for what no stream may send', () => {
    const { half, right } = openPair()
    for (const type of [YamuxType.PING, YamuxType.GO_AWAY]) {
      expect(() => pass(half, encodeYamux(type, 0, 7, 0))).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
    }
    expect(right.sent).toEqual([])
  })

  it('counts credit as the two ends do, whatever they send', () => {
    const step = fc.record({ fromLeft: fc.boolean(), isData: fc.boolean(), amount: fc.integer({ min: 0, max: 100_000 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { half, twin } = openPair()
        const credit = new Map([
          [half, 262_144],
          [twin, 262_144],
        ])
        for (const { fromLeft, isData, amount } of steps) {
          const from = fromLeft ? half : twin
          const frame = encodeYamux(isData ? YamuxType.DATA : YamuxType.WINDOW_UPDATE, 0, from.id, amount)
          const outcome = pass(from, frame)
          if (isData && amount > credit.get(from)!) {
            expect(outcome).toBe('violation')
            return
          }
          expect(outcome).toBe('open')
          if (isData) credit.set(from, credit.get(from)! - amount)
          else credit.set(from.twin, credit.get(from.twin)! + amount)
          expect([half.creditBytes, twin.creditBytes]).toEqual([credit.get(half), credit.get(twin)])
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe('a stream half', () => {
  it('opens both ways at once', () => {
    const [half, twin] = StreamHalf.pair(new Port(), 1, new Port(), 2)
    expect([half.isOpen, twin.isOpen]).toEqual([false, false])
    twin.open()
    expect([half.isOpen, twin.isOpen]).toEqual([true, true])
    expect(half.twin).toBe(twin)
    expect(twin.twin).toBe(half)
  })

  it('tells its own end of a break with RST and its own id', () => {
    const { left, right, half } = openPair()
    half.sendReset()
    expect(right.sent).toEqual([])
    expect(left.sent).toEqual([encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.RST, 7, 0)])
  })
})

describe('takeSessionFrame', () => {
  it('answers a ping with what it carried', () => {
    const port = new Port()
    takeSessionFrame(port, encodeYamux(YamuxType.PING, YamuxFlag.SYN, 0, 0xdead_beef), 0)
    expect(port.sent).toEqual([encodeYamux(YamuxType.PING, YamuxFlag.ACK, 0, 0xdead_beef)])
  })

  it('answers with flags of its own, and does not touch the chunk', () => {
    const port = new Port()
    const ping = Buffer.from(encodeYamux(YamuxType.PING, 0xff00 | YamuxFlag.SYN, 0, 1))
    takeSessionFrame(port, ping, 0)
    expect(readYamuxFlags(port.sent[0]!, 0)).toBe(YamuxFlag.ACK)
    expect(readYamuxFlags(ping, 0)).toBe(0xff00 | YamuxFlag.SYN)
  })

  it('ignores answered pings and go-aways', () => {
    const port = new Port()
    takeSessionFrame(port, encodeYamux(YamuxType.PING, YamuxFlag.ACK, 0, 1), 0)
    takeSessionFrame(port, encodeYamux(YamuxType.GO_AWAY, 0, 0, 0), 0)
    expect(port.sent).toEqual([])
  })

  it('throws PROTOCOL_ERROR for stream frames without a stream', () => {
    const port = new Port()
    for (const type of [YamuxType.DATA, YamuxType.WINDOW_UPDATE]) {
      expect(() => takeSessionFrame(port, encodeYamux(type, YamuxFlag.SYN, 0, 0), 0)).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
    }
  })
})
