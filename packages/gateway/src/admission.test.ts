import { Link, type LinkHandler } from '@frontier/mux'
import { resolveFrontierConfig } from '@frontier/config'
import { encodeFrame, FrameType, readType, toBytes } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { DeafPipe } from '../test/deaf-pipe.js'
import { eventually } from '../test/raw-peer.js'
import { testGateway } from '../test/test-gateway.js'
import { EdgeAdmission } from './edge-admission.js'
import { GatewayCore } from './gateway-core.js'
import { parseHello } from './hello.js'
import { resolveSettings } from './settings.js'

const nobody: LinkHandler = { onControlFrame() {}, onStreamFrame() {}, onWritable() {}, onClosed() {} }

describe('the admission of an edge', () => {
  it('is synchronous from HELLO to WELCOME where nobody has to be asked', async () => {
    const core = new GatewayCore(await resolveSettings(resolveFrontierConfig(), {}))
    const pipe = new DeafPipe()
    const link = new Link(pipe, nobody)
    const hello = parseHello({ version: 1, wantedId: 5n }, encodeFrame({ type: 1, data: toBytes('{"role":"edge"}') }).subarray(24))
    new EdgeAdmission({ core, side: core.settings.edge, link, hello, heldBytes: 0, unfinished: new Set() }).begin()
    expect(core.exchange.edges.get(5n)?.isOnline).toBe(true)
    expect(core.registry.edgeCount).toBe(1)
    link.flush()
    expect(pipe.written.map((frame) => readType(frame, 0))).toEqual([FrameType.WELCOME])
    await core.close()
  })

  it('leaves nothing behind: no budget held, no claim, whatever happened', async () => {
    await using gateway = await testGateway({ edgebound: { limits: { max_names: 2 } } })
    const service = await gateway.service({ methods: ['edge_online'] })
    service.on('edge_online', () => undefined)
    expect((await (await gateway.knockingEdge({ id: 12n, methods: ['a', 'b', 'c'] })).goodbye()).code).toBe('RATE_LIMITED')
    expect(gateway.frontier.registry.edgeCount).toBe(0)
    expect((await gateway.edge({ id: 12n, methods: ['a', 'b'] })).id).toBe(12n)
  })
})

describe('the limit of links', () => {
  it('refuses one more with RATE_LIMITED, not one that takes a place over', async () => {
    await using gateway = await testGateway({ edgebound: { limits: { max_links: 2 } } })
    const [first] = [await gateway.edge(), await gateway.edge()]
    expect((await (await gateway.knockingEdge()).goodbye()).code).toBe('RATE_LIMITED')
    await gateway.edge({ id: first.id, resume: first.welcome.resume })
    expect((await first.goodbye()).code).toBe('REPLACED')
    await gateway.service()
  })
})

describe('the registry', () => {
  it('knows who is online, and kicks with KICKED', async () => {
    await using gateway = await testGateway()
    const { registry } = gateway.frontier
    const events: string[] = []
    registry.watch((event) => void events.push(`${event.role} ${event.type}`))
    const service = await gateway.service({ id: 3n, name: 'echo', methods: ['echo'], topics: ['t'] })
    const edge = await gateway.edge({ id: 12n, meta: 'm', labels: { a: 'b' }, methods: ['reboot'] })
    edge.register('later')
    await edge.frame(FrameType.ANSWER)
    expect(await registry.getEdge(12n)).toMatchObject({ edgeId: 12n, labels: { a: 'b' }, methods: ['reboot', 'later'], generation: Number(edge.welcome.generation) })
    expect(await registry.getService(3n)).toMatchObject({ name: 'echo', methods: ['echo'], topics: ['t'] })
    await registry.kickEdge(12n)
    expect((await edge.goodbye()).code).toBe('KICKED')
    await registry.kickService(3n)
    expect((await service.goodbye()).code).toBe('KICKED')
    await expect(registry.kickEdge(12n)).rejects.toMatchObject({ code: 'EDGE_NOT_ONLINE' })
    await eventually(() => events.length === 5)
    expect(events).toEqual(['service online', 'edge online', 'edge registered', 'edge offline', 'service offline'])
  })
})
