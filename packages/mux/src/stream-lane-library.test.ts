import { describe, expect, it, vi } from 'vitest'
import { pattern, pour, Recorder, TestPort } from '../test/lane-pair.js'
import { LibraryEnd, LibraryReader, type LibraryStream } from '../test/library-end.js'
import { StreamLane } from './stream-lane.js'
import { encodeYamux, YamuxFlag, YamuxType } from './yamux-frame.js'

interface Ends {
  lane: StreamLane
  library: LibraryEnd
}

/** A lane of ours, and the library at the other end. */
async function connect(laneRole: 'client' | 'server'): Promise<Ends> {
  const library = await LibraryEnd.create(laneRole === 'client' ? 'server' : 'client', (frame) => {
    lane.onFrame(frame, 0, frame.length)
  })
  const port = new TestPort((frame) => {
    library.push(frame)
  })
  const lane = new StreamLane(port, { role: laneRole })
  port.onWritable = () => {
    lane.onWritable()
  }
  return { lane, library }
}

async function openedByLane(): Promise<Ends & { ours: Recorder; stream: ReturnType<StreamLane['open']>; theirs: LibraryStream; reader: LibraryReader }> {
  const ends = await connect('client')
  const stream = ends.lane.open(1)
  const ours = new Recorder(stream)
  await vi.waitFor(() => {
    expect(ends.library.accepted.length).toBe(1)
  })
  const theirs = ends.library.accepted[0]!
  return { ...ends, stream, ours, theirs, reader: new LibraryReader(theirs) }
}

describe('with @chainsafe/libp2p-yamux as the acceptor', () => {
  it('moves megabytes each way, both ends close, and nobody is left', async () => {
    const { lane, library, stream, ours, theirs, reader } = await openedByLane()
    const there = pattern(3_000_000, 3)
    const back = pattern(2_000_000, 4)
    stream.write(there.slice())
    stream.end()
    theirs.send(back.slice())
    await vi.waitFor(() => {
      expect([reader.bytes, reader.hasEnded, ours.bytes]).toEqual([there.length, true, back.length])
    })
    expect(ours.has(back)).toBe(true)
    expect(Buffer.concat(reader.chunks).equals(there)).toBe(true)
    await theirs.close()
    await vi.waitFor(() => {
      expect([ours.ends, lane.size, library.muxer.streams.length]).toEqual([1, 0, 0])
    })
    expect([reader.closeError, ours.errors]).toEqual([undefined, []])
  })

  it('passes a reset on, in both directions', async () => {
    const one = await openedByLane()
    one.stream.reset()
    await vi.waitFor(() => {
      expect(one.theirs.status).toBe('reset')
    })
    const two = await openedByLane()
    two.theirs.abort(new Error('enough'))
    await vi.waitFor(() => {
      expect(two.ours.errors.map((error) => error.code)).toEqual(['EOF'])
    })
    expect(two.lane.size).toBe(0)
  })

  it('stops when the library pauses, and goes on when it resumes', async () => {
    const { stream, ours, theirs, reader } = await openedByLane()
    stream.write(pattern(1))
    await vi.waitFor(() => {
      expect(reader.bytes).toBe(1)
    })
    theirs.pause()
    pour(stream, ours, 3_000_000)
    await vi.waitFor(() => {
      expect(stream.queuedBytes).toBeGreaterThan(60_000)
    })
    theirs.resume()
    await vi.waitFor(() => {
      expect(reader.bytes).toBe(3_000_001)
    })
  })
})

describe('with @chainsafe/libp2p-yamux as the opener', () => {
  it('takes its streams, pauses it, and sends bytes back', async () => {
    const { lane, library } = await connect('server')
    const acceptor = lane.accept(1)
    const ours = new Recorder(acceptor)
    const theirs = await library.muxer.createStream()
    const reader = new LibraryReader(theirs)
    acceptor.pause()
    const there = pattern(2_000_000, 5)
    theirs.send(there.slice())
    acceptor.write(pattern(700_000, 6))
    await vi.waitFor(() => {
      expect(reader.bytes).toBe(700_000)
    })
    expect(ours.bytes).toBe(0)
    acceptor.resume()
    await vi.waitFor(() => {
      expect(ours.bytes).toBe(there.length)
    })
    expect(ours.has(there)).toBe(true)
    acceptor.end()
    await theirs.close()
    await vi.waitFor(() => {
      expect([lane.size, ours.ends, reader.hasEnded]).toEqual([0, 1, true])
    })
  })

  it('lets its window grow when ours knows the round-trip time', async () => {
    const { lane, library } = await connect('server')
    lane.rttMs = 1000
    const acceptor = lane.accept(1)
    const ours = new Recorder(acceptor)
    const theirs = await library.muxer.createStream()
    for (let i = 0; i < 5; i++) theirs.send(new Uint8Array(4_000_000))
    await vi.waitFor(() => {
      expect(ours.bytes).toBe(20_000_000)
    })
    acceptor.pause()
    const before = ours.bytes
    theirs.send(new Uint8Array(10_000_000))
    await new Promise((resolve) => setImmediate(resolve))
    await vi.waitFor(() => {
      acceptor.resume()
      acceptor.pause()
      expect(ours.bytes - before).toBe(10_000_000)
    })
    expect(ours.errors).toEqual([])
  })
})

// What the tests in stream-lane-faults.test.ts are about: when one of these fails, a newer release may have been cured of it.
describe('what the library does when it is left alone', () => {
  it('ends its streams cleanly when the link dies', async () => {
    const { library, reader } = await openedByLane()
    library.close()
    expect([reader.isClosed, reader.closeError]).toEqual([true, undefined])
  })

  it('loses the ACK of a stream that is paused when it comes', async () => {
    const { lane, library } = await connect('client')
    const frames: Uint8Array[] = []
    const push = lane.onFrame.bind(lane)
    lane.onFrame = (bytes, start, end) => {
      frames.push(bytes)
      push(bytes, start, end)
    }
    library.muxer.addEventListener('stream', (event) => {
      event.detail.pause()
    })
    lane.open(1)
    await vi.waitFor(() => {
      expect(library.accepted.length).toBe(1)
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect(frames).toEqual([])
  })

  it('loses what a paused reader has not taken when FIN comes', async () => {
    const library = await LibraryEnd.create('server', () => undefined)
    library.push(encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.SYN, 1, 0))
    const theirs = library.accepted[0]!
    theirs.pause()
    let bytes = 0
    const read = (async () => {
      for await (const parts of theirs) for (const part of parts) bytes += part.length
    })()
    library.push(encodeYamux(YamuxType.DATA, 0, 1, 1000))
    library.push(encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.FIN, 1, 0))
    await read
    theirs.resume()
    expect(bytes).toBe(0)
  })

  it('ends the session, and with it all streams, for one stream that exceeds its credit', async () => {
    const { lane, library } = await openedByLane()
    const neighbour = new Recorder(lane.open(3))
    await vi.waitFor(() => {
      expect(library.accepted.length).toBe(2)
    })
    library.push(encodeYamux(YamuxType.DATA, 0, 1, 300_000))
    expect(library.isAborted).toBe(true)
    await vi.waitFor(() => {
      expect(neighbour.errors.map((error) => error.code)).toEqual(['EOF'])
    })
  })

  it('ends the session for an eleventh stream that nobody has taken yet', async () => {
    const library = await LibraryEnd.create('server', () => undefined, false)
    const open = (id: number): void => {
      library.push(encodeYamux(YamuxType.WINDOW_UPDATE, YamuxFlag.SYN, id, 0))
    }
    for (let id = 1; id <= 19; id += 2) open(id)
    expect(library.muxer.streams.length).toBe(10)
    open(21)
    expect(library.muxer.streams.length).toBe(0)
  })
})
