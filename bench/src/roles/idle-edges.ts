import { connectEdge } from '@frontier/edge'

import type { IdleEdgesRole } from './role.js'

const AT_ONCE = 64
const META_BYTES = 64

/** Edges of `@frontier/edge` that are what edges usually are, with 64 B of meta and two methods, and do nothing. */
export function idleEdges(): IdleEdgesRole {
  let edges = 0
  let online = 0
  let whenBack: (() => void) | undefined
  /** A listener for one edge: a link that drains may go before there is another. */
  const statusListener = (): ((status: { type: string }) => void) => {
    let isOnline = false
    return ({ type }) => {
      if (isOnline === (type === 'online') || type === 'retrying') return
      isOnline = !isOnline
      online += isOnline ? 1 : -1
      if (online === edges) whenBack?.()
    }
  }
  let back: Promise<number> | undefined
  return {
    info: null,
    commands: {
      async connect(target) {
        edges = target.edges
        const meta = new Uint8Array(META_BYTES).fill(0x6d)
        const methods = { 'device.reboot': () => undefined, 'device.status': () => undefined }
        let left = edges
        const connectSome = async (): Promise<void> => {
          while (left-- > 0) await connectEdge(`tcp://127.0.0.1:${target.port}`, { meta, methods, onStatus: statusListener() })
        }
        await Promise.all(Array.from({ length: AT_ONCE }, connectSome))
      },
      expectLoss() {
        back = new Promise((resolve) => {
          whenBack = () => {
            resolve(Date.now())
          }
        })
      },
      back: () => back!,
    },
  }
}
