import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGateway, type TestGateway } from '../support/test-gateway.js'

// Guarantee 6: the first call right after connect or register never fails for being early.

const TIMES = 500

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** Runs `round` that many times, and says which of them failed. */
async function failuresOf(round: (index: number) => Promise<void>): Promise<string[]> {
  const failures: string[] = []
  for (let index = 0; index < TIMES; index++) {
    try {
      await round(index)
    } catch (error) {
      failures.push(`${index}: ${String(error)}`)
    }
  }
  return failures
}

test('an edge calls as soon as it is connected', async () => {
  await using service = await gateway.service({ methods: { early: (request) => String(request.edgeId) } })
  expect(
    await failuresOf(async () => {
      const edge = await gateway.edge()
      expect((await edge.call('early')).text()).toBe(String(edge.id))
      void edge.close()
    }),
  ).toEqual([])
  expect(service.state).toBe('online')
})

test('a service is called as soon as it is connected', async () => {
  await using edge = await gateway.edge()
  expect(
    await failuresOf(async (index) => {
      const method = `connected-${index}`
      const service = await gateway.service({ methods: { [method]: () => method } })
      expect((await edge.call(method)).text()).toBe(method)
      void service.close()
    }),
  ).toEqual([])
})

test('a service calls an edge as soon as that is connected', async () => {
  await using service = await gateway.service()
  expect(
    await failuresOf(async () => {
      const edge = await gateway.edge({ methods: { early: () => 'here' } })
      expect((await service.call(edge.id, 'early')).text()).toBe('here')
      void edge.close()
    }),
  ).toEqual([])
})

test('a service calls an edge as soon as it has heard of it', async () => {
  const calls: Promise<string>[] = []
  await using service = await gateway.service()
  await service.onEdgeOnline(({ edgeId }) => {
    // It can be called once this has returned: in the next turn at the latest, right behind the answer and in one write with it.
    calls.push(new Promise((resolve) => setImmediate(resolve)).then(() => service.call(edgeId, 'early')).then((reply) => reply.text()))
  })
  expect(
    await failuresOf(async (index) => {
      const edge = await gateway.edge({ methods: { early: () => 'here' } })
      expect(await calls[index]).toBe('here')
      void edge.close()
    }),
  ).toEqual([])
})

test('a method is called as soon as it is registered, by service and edge', async () => {
  await using edge = await gateway.edge()
  await using service = await gateway.service()
  expect(
    await failuresOf(async (index) => {
      const method = `registered-${index}`
      await service.register(method, () => 'from the service')
      expect((await edge.call(method)).text()).toBe('from the service')
      await edge.register(method, () => 'from the edge')
      expect((await service.call(edge.id, method)).text()).toBe('from the edge')
    }),
  ).toEqual([])
})

test('what is done as soon as both ends are there works, too: publish and open a stream', async () => {
  expect(
    await failuresOf(async (index) => {
      const name = `late-${index}`
      const service = await gateway.service({ name, topics: [name], onMessage() {}, onStream: (stream) => stream.close() })
      const edge = await gateway.edge({ onMessage() {}, onStream: (stream) => stream.close() })
      await Promise.all([
        edge.publish(name, 'first'),
        service.publish(edge.id, 'first'),
        edge.openStream(name).then((stream) => stream.close()),
        service.openStream(edge.id).then((stream) => stream.close()),
      ])
      void edge.close()
      void service.close()
    }),
  ).toEqual([])
})
