#!/usr/bin/env node
// A gateway, a service and an edge in one process, without a socket: for tests, and for programs that bring their own gateway.
import { connectEdge } from '@frontier/edge'
import { createFrontier } from '@frontier/gateway'
import { connectService } from '@frontier/service'

const { log } = console

await using frontier = await createFrontier({
  edgebound: { listen: { network: 'memory', addr: 'edges' } },
  servicebound: { listen: { network: 'memory', addr: 'services' } },
})

await using service = await connectService(frontier.addresses.servicebound, {
  name: 'clock',
  methods: { now: () => new Date().toISOString() },
  hooks: { edgeOnline: ({ edgeId, labels }) => log(`edge ${edgeId} came in from the ${labels['room']}`) },
})

await using edge = await connectEdge(frontier.addresses.edgebound, {
  labels: { room: 'kitchen' },
  methods: { blink: ({ data }) => `blinked ${data[0]} times` },
})

log('the clock says', (await edge.call('now')).text())
log('the lamp says', (await service.call(edge.id, 'blink', new Uint8Array([3]))).text())
