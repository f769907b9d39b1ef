import { Child } from './child.js'

const PROGRAM = new URL('../../../apps/frontier/dist/main.js', import.meta.url)

/** A relay or gateway under test. */
export interface Middle {
  readonly child: Child
  readonly servicePort: number
  readonly edgePort: number
  /** A relay numbers its edges by itself: the ids of all of them, once there are `count`. */
  readonly edgeIds?: (count: number) => Promise<string[]>
}

/** Starts the gateway program with its default settings, on free ports. */
export async function startGateway(name: string, profile?: string): Promise<Middle> {
  const env = { ...process.env, FRONTIER_SERVICEBOUND_PORT: '0', FRONTIER_EDGEBOUND_PORT: '0' }
  const child = new Child(name, PROGRAM, { env, profile })
  const [servicePort, edgePort] = await child.announced(/^servicebound listening on .*:(\d+)$/, /^edgebound listening on .*:(\d+)$/)
  return { child, servicePort: Number(servicePort), edgePort: Number(edgePort) }
}
