// The shelf: a service that takes files from edges and gives them back, each over a stream of its own.
import { createReadStream, createWriteStream } from 'node:fs'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { connectService, FrontierError, type Service, type Stream, type StreamInfo } from '@frontier/service'
import { pipe } from 'it-pipe'

interface Order {
  action: 'put' | 'get'
  name: string
}

function orderOf(info: StreamInfo): Order {
  const { action, name } = JSON.parse(new TextDecoder().decode(info.meta)) as Partial<Order>
  const isFileName = typeof name === 'string' && name !== '' && name !== '.' && name !== '..' && basename(name) === name
  if ((action !== 'put' && action !== 'get') || !isFileName) {
    throw new FrontierError('INVALID_ARGUMENT', 'put or get, and the name of a file without a folder')
  }
  return { action, name }
}

/** Takes a file; under its name it appears only once it is whole. */
async function receive(stream: Stream, path: string): Promise<void> {
  const part = `${path}.${stream.edgeId}-${stream.id}.part`
  try {
    await pipeline(stream.source, createWriteStream(part))
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
  // The half-close tells the edge that its upload is safe.
  await stream.closeWrite()
}

/** Serves the files in `folder` to all edges of a gateway. */
export async function openShelf(gateway: string, folder: string): Promise<Service> {
  await mkdir(folder, { recursive: true })
  const shelf = await connectService(gateway, { name: 'shelf' })
  const serve = async (stream: Stream): Promise<void> => {
    const { action, name } = orderOf(stream)
    const path = join(folder, name)
    if (action === 'put') await receive(stream, path)
    else await pipe(createReadStream(path), stream.sink.bind(stream))
  }
  shelf.onStream(serve, {
    accept: async (info) => {
      const { action, name } = orderOf(info)
      if (action === 'put') return
      await access(join(folder, name)).catch(() => {
        throw new FrontierError('RECORD_NOT_FOUND', `there is no ${name} on the shelf`)
      })
    },
  })
  return shelf
}
