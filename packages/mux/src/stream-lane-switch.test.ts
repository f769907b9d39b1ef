import { describe, expect, it, vi } from 'vitest'
import { concat } from '../test/fake-pipe.js'
import { pattern, pour, Recorder, TestPort } from '../test/lane-pair.js'
import { StreamLane } from './stream-lane.js'
import { StreamHalf, switchFrame, type SwitchPort } from './stream-switch.js'
import { readYamuxId } from './yamux-frame.js'

/** A lane of an end, and the gateway's side of its link. */
class End {
  readonly lane: StreamLane
  readonly port: TestPort
  readonly gatewayPort: SwitchPort
  readonly halves = new Map<number, StreamHalf>()
  readonly outcomes: string[] = []

  constructor() {
    this.port = new TestPort((frame) => {
      const half = this.halves.get(readYamuxId(frame, 0))
      if (half !== undefined) this.outcomes.push(switchFrame(half, frame, 0, frame.length))
    })
    const back = new TestPort((frame) => {
      this.lane.onFrame(frame, 0, frame.length)
    })
    this.gatewayPort = {
      queuedStreamBytes: 0,
      sendStream: (bytes, start = 0, end = bytes.length) => {
        back.send(bytes.subarray(start, end))
      },
      sendSplitStream: ({ head, start, tail, end }) => {
        back.send(concat([head.subarray(start), tail.subarray(0, end)]))
      },
    }
    this.lane = new StreamLane(this.port, { role: 'client' })
    this.lane.rttMs = 10
    this.port.onWritable = () => {
      this.lane.onWritable()
    }
  }
}

describe('two lanes with a gateway between them', () => {
  it('agree with it on credit while windows grow, and on the end', async () => {
    const edge = new End()
    const service = new End()
    const [edgeHalf, serviceHalf] = StreamHalf.pair(edge.gatewayPort, 7, service.gatewayPort, 4)
    edge.halves.set(7, edgeHalf)
    service.halves.set(4, serviceHalf)
    edgeHalf.open()
    const acceptor = service.lane.accept(4)
    const to = new Recorder(acceptor)
    const opener = edge.lane.open(7)
    const from = new Recorder(opener)
    to.keepsChunks = false
    pour(opener, from, 30_000_000)
    const back = pattern(700_000)
    acceptor.write(back.slice())
    acceptor.end()
    await vi.waitFor(() => {
      expect([to.bytes, to.ends, from.bytes, from.ends]).toEqual([30_000_000, 1, back.length, 1])
    })
    expect(from.has(back)).toBe(true)
    expect([edge.lane.size, service.lane.size]).toEqual([0, 0])
    const outcomes = [...edge.outcomes, ...service.outcomes]
    expect(outcomes.filter((outcome) => outcome === 'violation')).toEqual([])
    expect(outcomes.filter((outcome) => outcome === 'over').length).toBe(1)
  })
})
