// Both ends of a stream with the SDKs. The sink answers with the number of bytes it has read.
import { connectEdge, type Edge, type Stream } from '@frontier/edge'
import { connectService, type Service } from '@frontier/service'

import type { SinkRole, SourceRole } from './role.js'

const NAME = 'sink'

/** Takes streams and counts their bytes. */
export function sdkSink(): SinkRole {
  let edge: Edge | undefined
  let service: Service | undefined
  return {
    info: null,
    commands: {
      async expect({ port, as }) {
        if (as === 'edge') {
          edge ??= await connectEdge(`tcp://127.0.0.1:${port}`, { onStream: count })
          return String(edge.id)
        }
        service ??= await connectService(`tcp://127.0.0.1:${port}`, { name: NAME, onStream: count })
        return null
      },
    },
  }
}

async function count(stream: Stream): Promise<void> {
  let bytes = 0
  for await (const chunk of stream) bytes += chunk.length
  await stream.write(String(bytes))
  await stream.closeWrite()
}

/** Opens a stream and writes. */
export function sdkSource(): SourceRole {
  let edge: Edge | undefined
  let service: Service | undefined
  const open = async (address: string, edgeId: string | undefined): Promise<Stream> => {
    if (edgeId === undefined) return (edge ??= await connectEdge(address)).openStream(NAME)
    return (service ??= await connectService(address, { name: NAME })).openStream(BigInt(edgeId))
  }
  return {
    info: null,
    commands: {
      async send({ port, edgeId, bytes, chunkBytes }) {
        const stream = await open(`tcp://127.0.0.1:${port}`, edgeId)
        const chunk = new Uint8Array(chunkBytes).fill(0x61)
        const startedAt = performance.now()
        for (let left = bytes; left > 0; left -= chunkBytes) await stream.write(left < chunkBytes ? chunk.subarray(0, left) : chunk)
        await stream.closeWrite()
        let answer = ''
        for await (const part of stream) answer += new TextDecoder().decode(part)
        const seconds = (performance.now() - startedAt) / 1000
        if (Number(answer) !== bytes) throw new Error(`the other end has read ${answer} bytes of ${bytes}`)
        return { seconds }
      },
    },
  }
}
