import type { CliHost } from './cli/cli-host.js'
import type { Connection } from './cli/connection.js'
import { failureOf } from './cli/failure.js'
import type { GatewayApi } from './cli/gateway-api.js'
import type { Input } from './cli/input.js'
import { parseCommand } from './cli/parse-command.js'
import { thrownByCall } from './cli/thrown-by-call.js'
import { commandTable } from './command-table.js'

/** Runs a command, and resolves with the exit code: see cli/exit-code.ts; of one that a signal ended, 128 and the signal's number. */
export async function runCli(args: readonly string[], world: Omit<CliHost, 'connection' | 'gateway'>): Promise<number> {
  let connection: Promise<Connection> | undefined
  try {
    const request = parseCommand(commandTable, args)
    if (request.kind === 'help') {
      const { helpOf } = await import('./cli/help.js')
      await world.out.write(request.words.length > 0 ? helpOf(commandTable, request.words) : await wholeHelp())
      return 0
    }
    const { command, input } = request
    const connect = (): Promise<Connection> => (connection ??= connectionFor(input, world))
    let gateway: Promise<GatewayApi> | undefined
    const host: CliHost = {
      ...world,
      connection: connect,
      gateway: () => (gateway ??= connect().then(async (known) => (await import('./cli/gateway-api.js')).gatewayApi(known))),
    }
    await command.run(input, host)
    return 0
  } catch (error) {
    if (world.stop.aborted) return Number(world.stop.reason)
    const { line, exitCode } = failureOf(await thrownByCall(error, (await connection?.catch(() => undefined))?.url ?? ''))
    await world.error.write(`frontier: ${line}\n`)
    return exitCode
  }
}

async function connectionFor(input: Input, world: Pick<CliHost, 'env' | 'contexts' | 'readStdin'>): Promise<Connection> {
  const { connectionOf } = await import('./cli/connection.js')
  return connectionOf(input, world.env, world.contexts, world.readStdin)
}

/** What `frontier --help` prints. */
export async function wholeHelp(): Promise<string> {
  const [{ usage }, { commandList }] = await Promise.all([import('./command-line.js'), import('./cli/help.js')])
  return `${usage}
Commands that look into a running gateway over its control plane, and change what goes on there:

${commandList(commandTable)}
frontier COMMAND --help tells more of each.
`
}
