import { setTimeout as sleep } from 'node:timers/promises'

import { listenAddress, loadFrontierConfig, resolveFrontierConfig, type ListenConfig } from '@frontier/config'

import type { ServeCommand } from './command-line.js'
import type { Host } from './run.js'
import type { StopSignals } from './stop-signals.js'
import { createTextLogger } from './text-logger.js'

/** How long a gateway that is told twice to stop may take to say goodbye. */
const FAREWELL_MS = 250

/** Runs a gateway by the file and flags given, until it is told to stop, by a signal or by an operator, and has. Rejects when it cannot start. */
export async function serve(command: ServeCommand, host: Host, stop: StopSignals): Promise<void> {
  const { config: file, loglevel } = command
  const sources = { env: host.env, flags: { loglevel } }
  const config = file === undefined ? resolveFrontierConfig({}, sources) : await loadFrontierConfig(file, sources)
  const logger = createTextLogger(config.log.level, (line) => host.writeOut(line))
  const gateway = await host.createGateway(config, logger)
  for (const side of ['servicebound', 'edgebound', 'controlplane'] as const) {
    const address = gateway.addresses[side]
    if (address !== undefined) host.writeOut(`${side} listening on ${listeningOn(config[side].listen, address)}\n`)
  }
  const signal = await Promise.race([stop.first, gateway.closed])
  if (signal === undefined) {
    logger.info('stopped by an operator')
    return
  }
  const timeoutMs = config.daemon.drain_seconds * 1000
  logger.info({ signal, drainSeconds: config.daemon.drain_seconds }, 'stopping')
  const stopped = timeoutMs > 0 ? gateway.drain({ timeoutMs }) : gateway.close()
  const isDone = await Promise.race([stopped.then(() => true), stop.second.then(() => false)])
  if (!isDone) {
    stopped.catch(() => undefined) // nobody waits for it any more
    await Promise.race([gateway.close(), sleep(FAREWELL_MS)])
  }
  logger.info('stopped')
}

/** The address as configured, 0.0.0.0 included, with the port that was had when any was asked for. */
function listeningOn(listen: ListenConfig, dialable: string): string {
  const port = /:\d+$/.exec(dialable)?.[0]
  return port === undefined ? dialable : listenAddress(listen).replace(/:\d+$/, port)
}
