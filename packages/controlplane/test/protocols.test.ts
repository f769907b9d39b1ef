import { describe, expect, it } from 'vitest'

import { clientsOf, protocolNames, testPlane } from './test-plane.js'

describe.each(protocolNames)('%s', (protocol) => {
  it('lists and kicks', async () => {
    await using plane = await testPlane()
    plane.backend.addEdge({ edgeId: 2n ** 63n + 5n, meta: 'north', at: 5_000 })
    const { family } = clientsOf(protocol, plane.url)
    const { edges, count } = await family.listEdges({})
    expect(count).toBe(1)
    expect(edges[0]).toMatchObject({ edgeId: 2n ** 63n + 5n, meta: 'north', createTime: 5n })
    await family.kickEdge({ edgeId: 2n ** 63n + 5n })
    await expect(family.kickEdge({ edgeId: 2n ** 63n + 5n })).rejects.toMatchObject({ rawMessage: 'edge not online' })
  })
})

it('REST', async () => {
  await using plane = await testPlane()
  plane.backend.addEdge({ edgeId: 2n ** 63n + 5n, meta: 'north', at: 5_000 })
  const answer = await fetch(`${plane.url}/v1/edges`)
  expect(await answer.text()).toBe('{"edges":[{"edge_id":"9223372036854775813","meta":"north","addr":"127.0.0.1:1","create_time":"5"}],"count":1}')
})
