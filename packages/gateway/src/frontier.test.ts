import { describe, expect, it } from 'vitest'
import { createFrontier } from './frontier.js'
import { testGateway } from '../test/test-gateway.js'

describe('createFrontier', () => {
  it('lets an edge and a service in, and a call goes from the one to the other', async () => {
    await using gateway = await testGateway({ network: 'tcp' })
    const service = await gateway.service({ name: 'echo', methods: ['echo'] })
    service.on('echo', (call) => `from ${String(call.peer)}`)
    const edge = await gateway.edge()
    const answer = await edge.request('echo')
    expect(new TextDecoder().decode(answer.data)).toBe(`from ${String(edge.id)}`)
  })

  it('tells addresses that can be dialled', async () => {
    await using frontier = await createFrontier({ edgebound: { listen: { addr: ':0' } }, servicebound: { listen: { addr: '0.0.0.0:0' } } })
    expect(frontier.addresses.edgebound).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
    expect(frontier.addresses.servicebound).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d*$/)
  })

  it('fails when a port is in use, and leaves nothing behind', async () => {
    await using gateway = await testGateway({ network: 'tcp' })
    const taken = gateway.frontier.addresses.edgebound.slice('tcp://'.length)
    const config = { edgebound: { listen: { addr: taken } }, servicebound: { listen: { addr: '127.0.0.1:0' } } }
    await expect(createFrontier(config)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('names the bridge that stops the start', async () => {
    const memory = { listen: { network: 'memory', addr: 'bridges-that-stop-the-start' } } as const
    const start = (webhook: object) =>
      createFrontier({ edgebound: memory, servicebound: { listen: { network: 'memory', addr: 'and-services' } }, mqm: { webhook: { enable: true, required: true, url: 'https://127.0.0.1:1/', producer: { topics: ['a'] }, ...webhook } } })
    await expect(start({})).rejects.toMatchObject({ code: 'BRIDGE_UNAVAILABLE', reason: expect.stringMatching(/^mqm\.webhook: .*ECONNREFUSED/) })
    await expect(start({ url: 'http://192.0.2.1/' })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: expect.stringMatching(/^mqm\.webhook: .*allowHttp/) })
    await expect(start({ producer: { topics: ['a.>.b'] } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', reason: expect.stringMatching(/^mqm\.webhook: "a\.>\.b" is no pattern/) })
  })

  it('refuses a configuration that does not hold', async () => {
    await expect(createFrontier({ exchange: { resume_key: 'short' } })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(createFrontier({}, { hookTimeoutMs: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})
