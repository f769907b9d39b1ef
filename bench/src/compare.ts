// npm run bench:compare -- REF: this tree beside another commit, each with its own bench.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { comparisonSheet } from './compare/comparison.js'
import { endRunning, runIn } from './compare/foreground.js'
import { addWorktree } from './compare/worktree.js'
import type { Result } from './result.js'
import type { Report } from './run-bench.js'
import { textOf } from './table.js'

const usage = `Usage: npm run bench:compare -- REF [flags]

  --only LIST   cases, as for the bench (calls,stream)
  --rounds N    how often each bench runs, in turns (5)
  --full        the full plan in each round instead of --quick
  --tiny        seconds, to see that it still runs; the figures mean nothing
`
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MAIN = 'bench/dist/main.js'

try {
  await compare()
} catch (error) {
  console.error(`bench:compare: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}

async function compare(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', default: 'calls,stream' },
      rounds: { type: 'string', default: '5' },
      full: { type: 'boolean', default: false },
      tiny: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const [ref] = positionals
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const rounds = Number(values.rounds)
  if (ref === undefined || positionals.length > 1 || !Number.isInteger(rounds) || rounds < 1) throw new Error(`one commit, branch or tag is needed\n\n${usage}`)

  const { folder, commit, remove } = addWorktree(ROOT, ref)
  process.once('exit', remove)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void endRunning().then(() => process.exit(1))
    })
  }
  console.error(`building ${commit.slice(0, 12)}`)
  await build(folder)

  const flags = ['--json', '--only', values.only, ...(values.tiny ? ['--tiny'] : values.full ? [] : ['--quick'])]
  const here: Result[][] = []
  const there: Result[][] = []
  for (let round = 0; round < rounds; round++) {
    console.error(`round ${round + 1} of ${rounds}`)
    const turns = [
      async () => here.push(await measure(ROOT, [...flags, '--discard'])),
      async () => there.push(await measure(folder, flags)),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn()
  }
  console.log(`\n${textOf(comparisonSheet(here, there))}\n`)
  console.log(`here: this tree; there: ${ref} (${commit.slice(0, 12)}); ${rounds} rounds each, spread in brackets`)
}

/** From the lockfile, without the network where everything is there. */
async function build(folder: string): Promise<void> {
  const pnpm = path.join(ROOT, '.pnpm-bin/node_modules/pnpm/bin/pnpm.cjs')
  if (!existsSync(pnpm)) throw new Error('pnpm is not installed here: run npm run build first')
  const install = [pnpm, 'install', '--frozen-lockfile', '--reporter=silent']
  try {
    await runIn(folder, process.execPath, [...install, '--offline'])
  } catch {
    await runIn(folder, process.execPath, install)
  }
  await runIn(folder, process.execPath, ['node_modules/typescript/bin/tsc', '-b', 'bench/tsconfig.build.json'])
}

async function measure(folder: string, flags: readonly string[]): Promise<Result[]> {
  const output = await runIn(folder, process.execPath, [MAIN, ...flags])
  return [...(JSON.parse(output) as Report).results]
}
