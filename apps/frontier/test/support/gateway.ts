import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { vi } from 'vitest'

import { Program, type Ending } from './program.js'

/** The program as a gateway with a control plane, and the commands that talk to it. */
export interface Gateway extends AsyncDisposable {
  readonly edgebound: string
  readonly servicebound: string
  /** `http://…` or `https://…` */
  readonly controlplane: string
  readonly folder: string
  readonly program: Program
  /** Runs a command with --address, to its end. */
  run(args: readonly string[], options?: { env?: Record<string, string>; stdin?: string | Uint8Array }): Promise<Ending>
  /** Starts one. */
  start(args: readonly string[], options?: { env?: Record<string, string> }): Program
  /** The `--json` of one. */
  json(args: readonly string[]): Promise<any>
}

const ports = ['edgebound', 'servicebound'].map((side) => `${side}: { listen: { addr: "127.0.0.1:0" } }`)

/** Starts a gateway on free ports; `controlplane` has further lines of that section of its configuration, `listen` among them with `hasListen`; `more` are lines of others. */
export async function startGateway(controlplane: readonly string[] = [], { hasListen = false, more = [] }: { hasListen?: boolean; more?: readonly string[] } = {}): Promise<Gateway> {
  const folder = await mkdtemp(path.join(tmpdir(), 'frontier-cli-'))
  const file = path.join(folder, 'frontier.yaml')
  const section = ['controlplane:', '  enable: true', ...(hasListen ? [] : ['  listen: { addr: "127.0.0.1:0" }']), ...controlplane.map((line) => `  ${line}`)]
  await writeFile(file, [...ports, 'daemon: { drain_seconds: 5, frontier_id: gw-1 }', ...section, ...more, ''].join('\n'))
  const program = new Program(['--config', file])
  const find = (side: string): string => new RegExp(`^${side} listening on (\\S+)$`, 'm').exec(program.out)?.[1] ?? ''
  await vi.waitFor(
    () => {
      if (!program.isRunning) throw new Error(program.error)
      if (find('controlplane') === '' || find('edgebound') === '') throw new Error('it does not listen yet')
    },
    { timeout: 20_000 },
  )
  const address = find('controlplane').replace(/^tcp:/, 'http:').replace(/^tls:/, 'https:')
  const start: Gateway['start'] = (args, options) => new Program([...args, '--address', address], options)
  const run: Gateway['run'] = (args, options) => new Program([...args, '--address', address], options).ended
  return {
    edgebound: find('edgebound'),
    servicebound: find('servicebound'),
    controlplane: address,
    folder,
    program,
    start,
    run,
    async json(args) {
      const ending = await run([...args, '--json'])
      if (ending.exitCode !== 0) throw new Error(ending.error)
      return JSON.parse(ending.out)
    },
    async [Symbol.asyncDispose]() {
      await program[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
