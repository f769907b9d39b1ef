import type { Environment, FrontierConfig } from '@frontier/config'
import { isFrontierError } from '@frontier/wire'

import { parseCommandLine } from './command-line.js'
import { stopSignals, type SignalSource } from './stop-signals.js'
import type { Logger } from './text-logger.js'

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

/** The whole program: resolves with the exit code, 0 when it did what it was asked and 1 when it could not. */
export async function run(args: readonly string[], host: Host): Promise<number> {
  try {
    const command = parseCommandLine(args)
    switch (command.kind) {
      case 'help':
        host.writeOut(await (await import('./run-cli.js')).wholeHelp())
        return 0
      case 'version':
        host.writeOut(`${host.version}\n`)
        return 0
      case 'serve': {
        // Before all else: a gateway that is told to stop while it starts stops as soon as it can.
        const stop = stopSignals(host.signals)
        const { serve } = await import('./serve.js')
        await serve(command, host, stop)
        return 0
      }
    }
  } catch (error) {
    host.writeError(`frontier: ${describe(error)}\n`)
    return 1
  }
}

/** One line, whatever it was. */
function describe(error: unknown): string {
  const text = isFrontierError(error) ? error.reason : error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\s+/g, ' ')
}
