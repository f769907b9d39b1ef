import { Link } from '@frontier/mux'
import { EMPTY } from '@frontier/wire'
import type { Bridge } from './bridge.js'
import type { BridgeEnd } from './bridge-end.js'
import { BridgePipe } from './bridge-pipe.js'
import type { Exchange } from './exchange.js'
import { Peer, type PeerInfo } from './peer.js'

/** A bridge as the exchange sees it: a service in this process, with a link to it, that is in no list of services. */
export class BridgePeer extends Peer {
  constructor(exchange: Exchange, bridge: Bridge, end: BridgeEnd) {
    const ignore = (): void => undefined
    const pipe = new BridgePipe(bridge.name, { onControlFrame: end.onControlFrame.bind(end), onStreamFrame: ignore })
    // The peer needs its link, and the link somebody to take its frames: first nobody.
    const link = new Link(pipe, { onControlFrame: ignore, onStreamFrame: ignore, onSplitStreamFrame: ignore, onWritable: ignore, onClosed: ignore })
    const info: PeerInfo = { role: 'service', id: idOf(bridge.name), name: bridge.name, meta: EMPTY, labels: {}, address: pipe.remoteAddress, generation: 0, at: Date.now() }
    // What waits in a bridge is bounded by its end, and not by what a service may have.
    super(exchange, link, info, { ...exchange.options.limits.service, maxOwed: Number.POSITIVE_INFINITY })
    link.handler = this
    this.isOnline = true
  }

  override get isBridge(): boolean {
    return true
  }
}

/** FNV-1a: the share of the edges that a bridge gets is the same in every gateway, and after a restart. */
function idOf(name: string): bigint {
  let hash = 0xcbf2_9ce4_8422_2325n
  for (const char of name) hash = BigInt.asUintN(64, (hash ^ BigInt(char.codePointAt(0)!)) * 0x100_0000_01b3n)
  return hash
}
