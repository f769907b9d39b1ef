import { expect, test } from 'vitest'
import { startProgram, type ChildProgram } from '../support/child-program.js'
import { eventually } from '../support/eventually.js'
import { figure } from '../support/figures.js'
import { blocks, digest } from '../support/payload.js'

// Guarantee 2: 1 GiB through a stream with a reader slower than the writer: SHA-256 equal, memory of all three processes bounded.

const MIB = 1024 * 1024
const BYTES = Number(process.env['FRONTIER_TEST_STREAM_MIB'] ?? 1024) * MIB
/** The reader's pace. A stream that nobody slows down runs at several times that. */
const READ_BYTES_PER_SECOND = 160 * MIB
/** What can be on its way: one window, and what waits in the queues before and behind it. */
const MAX_ON_THE_WAY = 16 * MIB
/** How much a process may grow: what is on the way, once more where it is copied, and the dead buffers (64 MiB) at which V8 begins to collect. */
const MAX_GROWTH = 128 * MIB

test.each(['edge', 'service'])('written by: %s', { timeout: 120_000 }, async (writingRole) => {
  await using gateway = await startProgram('gateway')
  await using writer = await startProgram('stream-end')
  await using reader = await startProgram('stream-end')
  const [edge, service] = writingRole === 'edge' ? [writer, reader] : [reader, writer]
  const { edges, services } = await gateway.ask('addresses')
  await service.ask('connect', { role: 'service', address: services })
  const edgeId = await edge.ask('connect', { role: 'edge', address: edges })
  await writer.ask('open', edgeId)
  await reader.until('isOpen')
  const processes = { gateway, writer, reader }
  const before = await memoryOf(processes)

  // The whole of it one way; the other way shows that nothing is lopsided.
  const bytes = writingRole === 'edge' ? BYTES : BYTES / 4
  const expected = digest(blocks(bytes, 5))
  await writer.ask('write', { bytes, seed: 5 })
  // Nobody reads yet: the writer stops when the window is full.
  let last = -1
  let same = 0
  await eventually('the writer stops', async () => {
    const { writtenBytes } = await writer.ask('progress')
    same = writtenBytes === last ? same + 1 : 0
    last = writtenBytes
    return same === 50
  })
  expect(last).toBeLessThan(2 * MIB)

  const begin = performance.now()
  const read = reader.ask('read', { bytesPerSecond: READ_BYTES_PER_SECOND })
  let mostOnTheWay = 0
  const watching = eventually(
    'it is through',
    async () => {
      const { writtenBytes } = await writer.ask('progress')
      const { readBytes } = await reader.ask('progress')
      if (readBytes > 0) mostOnTheWay = Math.max(mostOnTheWay, writtenBytes - readBytes)
      return readBytes === bytes
    },
    110_000,
  )
  expect(await read).toEqual(await expected)
  const seconds = (performance.now() - begin) / 1000
  await watching
  await writer.ask('written')
  expect(mostOnTheWay).toBeLessThan(MAX_ON_THE_WAY)

  const after = await memoryOf(processes)
  const growth = Object.fromEntries(Object.entries(after).map(([name, peak]) => [name, peak - before[name]!]))
  const grown = Object.entries(growth).map(([name, more]) => `${name} ${inMib(before[name]!)}+${inMib(more)}`)
  figure(2, `${inMib(bytes)} MiB from ${writingRole}: ${inMib(bytes / seconds)} MiB/s, ${inMib(mostOnTheWay)} MiB on the way, RSS ${grown.join(', ')} MiB`)
  for (const [name, more] of Object.entries(growth)) expect(more, name).toBeLessThan(MAX_GROWTH)
})

/** The most memory each process has had. */
async function memoryOf(processes: Record<string, ChildProgram>): Promise<Record<string, number>> {
  const peaks: Record<string, number> = {}
  for (const [name, program] of Object.entries(processes)) peaks[name] = (await program.ask('memory')).peakRssBytes
  return peaks
}

function inMib(bytes: number): string {
  return (bytes / MIB).toFixed(0)
}
