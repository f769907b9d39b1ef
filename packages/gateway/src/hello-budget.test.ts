import { Link, Sweep } from '@frontier/mux'
import { encodeFrame, FrameType, toBytes, type FrontierError } from '@frontier/wire'
import { describe, expect, it } from 'vitest'
import { DeafPipe } from '../test/deaf-pipe.js'
import { fragmentsOf } from '../test/raw-peer.js'
import { DeadlineQueue } from './deadline-queue.js'
import { Handshake, type Lobby } from './handshake.js'
import { HelloBudget } from './hello-budget.js'

class TestLobby implements Lobby {
  readonly waiting: DeadlineQueue<Handshake> = new DeadlineQueue<Handshake>(new Sweep(), 1000)
  readonly budget: HelloBudget = new HelloBudget(110_000)
  readonly admitted: number[] = []
  readonly refused: string[] = []
  admit(_link: Link, _hello: unknown, bytes: number): void {
    this.admitted.push(bytes)
  }
  onRefused(_link: Link, error: FrontierError): void {
    this.refused.push(error.code)
  }
  knock(): Link {
    const handshake = new Handshake(this)
    const link = new Link(new DeafPipe(), handshake)
    handshake.begin(link)
    return link
  }
}

const hello = (metaBytes: number): Uint8Array[] =>
  fragmentsOf(encodeFrame({ type: FrameType.HELLO, id: 1, meta: new Uint8Array(metaBytes), data: toBytes('{"role":"edge"}') }), 3)

describe('the budget of all HELLOs', () => {
  it('is at the cost of whoever has been at it longest', () => {
    const lobby = new TestLobby()
    const [oldest, other, newest] = [lobby.knock(), lobby.knock(), lobby.knock()]
    for (const link of [oldest, other]) for (const fragment of hello(60_000).slice(0, 2)) link.onBytes(fragment)
    expect(lobby.budget.bytes).toBeGreaterThan(80_000)
    for (const fragment of hello(60_000)) newest.onBytes(fragment)
    expect(lobby.refused).toEqual(['RATE_LIMITED'])
    expect([oldest.isClosed, other.isClosed, newest.isClosed]).toEqual([true, false, false])
    expect(lobby.admitted).toHaveLength(1)
    other.abort()
    expect(lobby.refused).toEqual(['RATE_LIMITED', 'EOF'])
    // What the admitted one holds is given back by its admission.
    expect(lobby.budget.bytes).toBe(lobby.admitted[0])
    expect(lobby.waiting.size).toBe(0)
  })

  it('refuses the newcomer itself when nobody else can go', () => {
    const lobby = new TestLobby()
    lobby.budget.take(105_000)
    const link = lobby.knock()
    for (const fragment of hello(60_000)) link.onBytes(fragment)
    expect(lobby.refused).toEqual(['RATE_LIMITED'])
    expect(lobby.budget.bytes).toBe(105_000)
  })
})
