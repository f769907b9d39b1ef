import type { Edge } from '@frontier/edge'
import type { Service, ServiceOptions } from '@frontier/service'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually, rejectionOf } from '../support/eventually.js'
import { startGateway, type TestGateway } from '../support/test-gateway.js'

// Guarantee 7: ten services that connect in the same second, one leaves: the other nine still get every call. `Echo` and `echo` are two methods.

const SERVICES = 10
const EDGES = 100

let gateway: TestGateway
beforeEach(async () => {
  gateway = await startGateway()
})
afterEach(() => gateway[Symbol.asyncDispose]())

/** Ten services alike, each of which answers, receives and accepts with its own number. */
async function tenServices(): Promise<Service[]> {
  return Promise.all(Array.from({ length: SERVICES }, (_, index) => gateway.service(numbered(index))))
}

const received = new Map<bigint, number>()

function numbered(index: number): ServiceOptions {
  return {
    name: 'ten',
    topics: ['ten'],
    methods: { who: () => String(index) },
    onMessage: (message) => void received.set(message.edgeId, index),
    onStream: async (stream) => {
      await stream.write(String(index))
      await stream.close()
    },
  }
}

/** Who answers each edge, by call, message and stream: all three are to be the same one. */
async function takers(edges: readonly Edge[]): Promise<number[]> {
  return Promise.all(
    edges.map(async (edge) => {
      const who = Number((await edge.call('who')).text())
      await edge.publish('ten', 'hello')
      expect(received.get(edge.id)).toBe(who)
      const stream = await edge.openStream('ten')
      let text = ''
      for await (const chunk of stream) text += new TextDecoder().decode(chunk)
      expect(text).toBe(String(who))
      return who
    }),
  )
}

const waysToLeave: Record<string, (service: Service) => Promise<void>> = {
  'says goodbye': (service) => service.close(),
  'drains': (service) => service.drain(),
  'breaks off': async (service) => {
    service.abort()
  },
}

describe.each(Object.entries(waysToLeave))('of ten services one %s', (_, leave) => {
  test('and the other nine get every call; only its own share moves', async () => {
    const services = await tenServices()
    const edges = await Promise.all(Array.from({ length: EDGES }, () => gateway.edge()))
    const before = await takers(edges)
    expect(await takers(edges)).toEqual(before)
    expect(new Set(before).size).toBe(SERVICES)

    const leaver = before[0]!
    await leave(services[leaver]!)
    await eventually('the gateway knows', () => gateway.frontier.exchange.services.size === SERVICES - 1)
    const after = await takers(edges)
    expect(after).not.toContain(leaver)
    expect(edges.filter((_edge, index) => after[index] !== before[index] && before[index] !== leaver)).toEqual([])
    const newcomers = new Set(after.filter((_who, index) => before[index] === leaver))
    if (before.filter((who) => who === leaver).length > SERVICES) expect(newcomers.size).toBeGreaterThan(1)

    // Whoever comes back gets its old share when it has its old id, and otherwise nothing moves among the others.
    await gateway.service(numbered(leaver))
    const again = await takers(edges)
    expect(edges.filter((_edge, index) => again[index] !== after[index] && again[index] !== leaver)).toEqual([])
  })
})

test('while one drains, no call of anybody fails', async () => {
  const services = await tenServices()
  const edges = await Promise.all(Array.from({ length: EDGES }, () => gateway.edge()))
  let isOver = false
  let answered = 0
  const callers = edges.map(async (edge) => {
    while (!isOver) {
      await edge.call('who')
      answered++
    }
  })
  for (const service of services.slice(1)) {
    const before = answered
    await service.drain()
    await eventually('calls go on', () => answered > before + EDGES)
  }
  isOver = true
  await Promise.all(callers)
  expect(new Set(await takers(edges))).toEqual(new Set([0]))
})

test('names are told apart by every byte', async () => {
  const names = ['echo', 'Echo', 'ECHO', 'echo ', ' echo', 'e\u0301cho', '\u00e9cho', 'echo\0', '\ufeffecho', '/echo', 'echo/', 'echo.>', '*']
  const methods = Object.fromEntries(names.map((name) => [name, () => `method ${name}`]))
  await gateway.service({ methods })
  const edge = await gateway.edge({ methods })
  const caller = await gateway.service()
  for (const name of names) {
    expect((await edge.call(name)).text()).toBe(`method ${name}`)
    expect((await caller.call(edge.id, name)).text()).toBe(`method ${name}`)
  }
  expect(await rejectionOf(edge.call('eCHO'))).toMatchObject({ code: 'RPC_NOT_ONLINE', delivered: 'no' })
  expect(await rejectionOf(caller.call(edge.id, 'eCHO'))).toMatchObject({ code: 'RPC_NOT_ONLINE', delivered: 'no' })
})

test('topics and service names are told apart by every byte, and * takes what is left', async () => {
  const heard: string[] = []
  const serve = (name: string): ServiceOptions => ({
    name: name === '*' ? '' : name,
    topics: [name],
    onMessage: (message) => void heard.push(`${name} < ${message.topic}`),
    onStream: async (stream) => {
      await stream.write(name)
      await stream.close()
    },
  })
  for (const name of ['news', 'News', 'a.>', '*']) await gateway.service(serve(name))
  const edge = await gateway.edge()
  for (const topic of ['news', 'News', 'a.>', 'a.b', 'NEWS', '*']) await edge.publish(topic, '')
  expect(heard).toEqual(['news < news', 'News < News', 'a.> < a.>', '* < a.b', '* < NEWS', '* < *'])
  for (const name of ['news', 'News', 'a.>']) {
    const stream = await edge.openStream(name)
    expect(stream.service).toBe(name)
    for await (const chunk of stream) expect(new TextDecoder().decode(chunk)).toBe(name)
  }
  expect(await rejectionOf(edge.openStream('NEWS'))).toMatchObject({ code: 'SERVICE_NOT_ONLINE' })
})
