// An edge and a service that have nothing to do with the rest of the test: the one calls the other all the time.
import { connectEdge } from '@frontier/edge'
import { connectService } from '@frontier/service'
import { serveCommands } from './program.js'

let isOver = false
let latencies: number[] = []
let calling: Promise<void> | undefined

serveCommands({
  begin: async ({ edges, services }: { edges: string; services: string }) => {
    await connectService(services, { methods: { unrelated: (request) => request.data } })
    const edge = await connectEdge(edges)
    calling = (async () => {
      while (!isOver) {
        const begin = performance.now()
        await edge.call('unrelated', 'hello')
        latencies.push(performance.now() - begin)
      }
    })()
    calling.catch(() => undefined)
  },
  /** The latencies since the last time it was asked, in milliseconds. */
  latencies: () => {
    const some = latencies
    latencies = []
    return some
  },
  /** Rejects when a call has failed. */
  end: async () => {
    isOver = true
    await calling
  },
})
