import { setTimeout as sleep } from 'node:timers/promises'

import {
  listenAddress,
  loadFrontierConfig,
  resolveFrontierConfig,
  type Environment,
  type FrontierConfig,
  type ListenConfig,
} from '@frontier/config'
import { isFrontierError } from '@frontier/wire'

import { parseCommandLine, usage } from './command-line.js'
import { stopSignals, type SignalSource } from './stop-signals.js'
import { createTextLogger, type Logger } from './text-logger.js'

/** What the program needs of a gateway. */
export interface RunningGateway {
  /** Where it can be dialled on this machine. */
  readonly addresses: { readonly servicebound: string; readonly edgebound: string; readonly controlplane?: string }
  /** Resolves when it has ended, whoever asked for it. */
  readonly closed: Promise<void>
  drain(options: { timeoutMs: number }): Promise<void>
  close(): Promise<void>
}

/** The world around the program. */
export interface Host {
  readonly env: Environment
  readonly version: string
  readonly signals: SignalSource
  writeOut(text: string): void
  writeError(text: string): void
  createGateway(config: FrontierConfig, logger: Logger): Promise<RunningGateway>
}

/** How long a gateway that is told twice to stop may take to say goodbye. */
const FAREWELL_MS = 250

/** The whole program: resolves with the exit code, 0 when it did what it was asked and 1 when it could not. */
export async function run(args: readonly string[], host: Host): Promise<number> {
  try {
    const command = parseCommandLine(args)
    switch (command.kind) {
      case 'help':
        host.writeOut(usage)
        return 0
      case 'version':
        host.writeOut(`${host.version}\n`)
        return 0
      case 'serve': {
        const sources = { env: host.env, flags: { loglevel: command.loglevel } }
        const { config: file } = command
        await serve(file === undefined ? resolveFrontierConfig({}, sources) : await loadFrontierConfig(file, sources), host)
        return 0
      }
    }
  } catch (error) {
    host.writeError(`frontier: ${describe(error)}\n`)
    return 1
  }
}

async function serve(config: FrontierConfig, host: Host): Promise<void> {
  const logger = createTextLogger(config.log.level, (line) => host.writeOut(line))
  // Before the start: a gateway that is told to stop while it starts stops as soon as it can.
  const stop = stopSignals(host.signals)
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

/** One line, whatever it was. */
function describe(error: unknown): string {
  const text = isFrontierError(error) ? error.reason : error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\s+/g, ' ')
}
