import { connectEdge, type Edge, type Stream } from '@frontier/edge'
import { connectService, type Service } from '@frontier/service'

import { askRound } from '../ask-round.js'
import { ECHO } from '../load.js'
import type { SdkStreamEndRole } from './role.js'
import { TakenBytes } from './taken-bytes.js'

const NAME = 'streams'
const CALL_BYTES = 64

/** One end of streams of the SDKs: one service, or edges. */
export function sdkStreamEnd(): SdkStreamEndRole {
  const taken = new TakenBytes()
  const edges: Edge[] = []
  const poured = new Set<Stream>()
  let service: Service | undefined

  const count = async (stream: Stream): Promise<void> => {
    const counted = taken.open()
    try {
      for await (const chunk of stream) counted.bytes += chunk.length
      await stream.close()
    } catch {
      // Poured streams are reset.
    } finally {
      taken.close(counted)
    }
  }
  const openStream = (index: number, edgeId: string | undefined): Promise<Stream> =>
    service === undefined ? edges[index % edges.length]!.openStream(NAME) : service.openStream(BigInt(edgeId!))

  return {
    info: null,
    commands: {
      async connect(target) {
        const address = `tcp://127.0.0.1:${target.port}`
        if (target.as === 'service') {
          service = await connectService(address, { name: NAME, onStream: count, methods: { [ECHO]: ({ data }) => data } })
          return []
        }
        edges.push(...(await Promise.all(Array.from({ length: target.edges }, () => connectEdge(address, { onStream: count })))))
        return edges.map(({ id }) => String(id))
      },
      async pour({ streams, chunkBytes, edgeId }) {
        const chunk = new Uint8Array(chunkBytes).fill(0x61)
        const opened = await Promise.all(Array.from({ length: streams }, (_, index) => openStream(index, edgeId)))
        for (const stream of opened) {
          poured.add(stream)
          void pour(stream, chunk)
        }
      },
      async stop() {
        for (const stream of poured) stream.reset()
        poured.clear()
      },
      taken: ({ ms }) => taken.during(ms),
      async churn({ inFlight, ms }) {
        let streams = 0
        const startedAt = performance.now()
        const churn = async (): Promise<void> => {
          while (performance.now() - startedAt < ms) {
            const stream = await edges[0]!.openStream(NAME)
            await stream.close()
            const { code, message } = await stream.closed
            if (code !== 'CLOSED') throw new Error(`a stream ended with ${code}: ${message}`)
            streams++
          }
        }
        await Promise.all(Array.from({ length: inFlight }, churn))
        return { streams, seconds: (performance.now() - startedAt) / 1000 }
      },
      call({ ms }) {
        const payload = new Uint8Array(CALL_BYTES).fill(0x61)
        return askRound({ inFlight: 1, durationMs: ms }, 1, () => edges[0]!.call(ECHO, payload))
      },
    },
  }
}

/** Until it is reset. */
async function pour(stream: Stream, chunk: Uint8Array): Promise<void> {
  try {
    for (;;) await stream.write(chunk)
  } catch (error) {
    const { code } = await stream.closed
    if (code !== 'STREAM_RESET') throw error
  }
}
