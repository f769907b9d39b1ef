// The shelf: a service that takes files from edges and gives them back, each over a stream of its own.
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FrontierError } from '@frontier/wire'
import { connectService, type Service, type Stream, type StreamInfo } from '@frontier/service'
import { pipe } from 'it-pipe'

interface Order {
  action: 'put' | 'get'
  name: string
}

function orderOf(info: StreamInfo): Order {
  const { action, name } = JSON.parse(new TextDecoder().decode(info.meta)) as Partial<Order>
  if ((action !== 'put' && action !== 'get') || name === undefined || name === '' || basename(name) !== name) {
    throw new FrontierError('INVALID_ARGUMENT', 'put or get, and the name of a file without a folder')
  }
  return { action, name }
}

/** Serves the files in `folder` to all edges of a gateway. */
export async function openShelf(gateway: string, folder: string): Promise<Service> {
  await mkdir(folder, { recursive: true })
  const shelf = await connectService(gateway, { name: 'shelf' })
  const serve = async (stream: Stream): Promise<void> => {
    const { action, name } = orderOf(stream)
    const path = join(folder, name)
    if (action === 'get') {
      await pipe(createReadStream(path), stream.sink.bind(stream))
      return
    }
    await pipeline(stream.source, createWriteStream(path))
    // Said only once the file is whole: the half-close tells the edge that its upload is safe.
    await stream.closeWrite()
  }
  shelf.onStream(serve, {
    accept: (info) => {
      orderOf(info)
    },
  })
  return shelf
}
