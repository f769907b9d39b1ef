import { connectEdge } from '@frontier/edge'

import type { IdleEdgesRole } from './role.js'

const AT_ONCE = 64
const META_BYTES = 64

/** Edges of `@frontier/edge` that are what edges usually are, with 64 B of meta and two methods, and do nothing. */
export function idleEdges(): IdleEdgesRole {
  return {
    info: null,
    commands: {
      async connect({ port, edges }) {
        let left = edges
        const meta = new Uint8Array(META_BYTES).fill(0x6d)
        const methods = { 'device.reboot': () => undefined, 'device.status': () => undefined }
        const connectSome = async (): Promise<void> => {
          while (left-- > 0) await connectEdge(`tcp://127.0.0.1:${port}`, { meta, methods })
        }
        await Promise.all(Array.from({ length: AT_ONCE }, connectSome))
      },
    },
  }
}
