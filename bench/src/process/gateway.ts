import type { Stoppable } from '../bench-case.js'
import { Child } from './child.js'
import type { Usage } from './usage.js'

const PROGRAM = new URL('../../../apps/frontier/dist/main.js', import.meta.url)

/** What is under test, whatever it is written in. */
export interface MiddleProcess extends Stoppable {
  usage(): Promise<Usage>
}

/** A relay or gateway under test. */
export interface Middle {
  readonly child: MiddleProcess
  readonly servicePort: number
  readonly edgePort: number
  /** A relay numbers its edges by itself: the ids of all of them, once there are `count`. */
  readonly edgeIds?: (count: number) => Promise<string[]>
}

/** A gateway in a process of Node, which takes signals. */
export interface GatewayChild extends Middle {
  readonly child: Child
}

/** A gateway on ports that a former one had. */
export async function restartGateway(name: string, ports: Pick<Middle, 'servicePort' | 'edgePort'>, profile?: string): Promise<GatewayChild> {
  const { servicePort, edgePort } = ports
  const env = { ...process.env, FRONTIER_SERVICEBOUND_PORT: String(servicePort), FRONTIER_EDGEBOUND_PORT: String(edgePort) }
  const child = new Child(name, PROGRAM, { env, profile })
  await child.announced(/^servicebound listening/, /^edgebound listening/)
  return { child, servicePort, edgePort }
}

/** Starts the gateway program on free ports, with its default settings or those of a file. */
export async function startGateway(name: string, profile?: string, configFile?: string): Promise<GatewayChild> {
  const env = { ...process.env, FRONTIER_SERVICEBOUND_PORT: '0', FRONTIER_EDGEBOUND_PORT: '0' }
  const child = new Child(name, PROGRAM, { env, profile, args: configFile === undefined ? [] : ['--config', configFile] })
  const [servicePort, edgePort] = await child.announced(/^servicebound listening on .*:(\d+)$/, /^edgebound listening on .*:(\d+)$/)
  return { child, servicePort: Number(servicePort), edgePort: Number(edgePort) }
}
