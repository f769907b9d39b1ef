// npm run bench:flame-graph -- FILE.cpuprofile OUT.svg
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { callTreeOf, type CpuProfile } from './flame/cpu-profile.js'
import { flameSvg } from './flame/flame-svg.js'

const usage = `Usage: npm run bench:flame-graph -- FILE.cpuprofile OUT.svg [--title TEXT]

  Draws where the CPU time of a process went, callers above what they call. Profiles come from npm run bench -- --profile DIR.
`

try {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { title: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  const [from, to] = positionals
  if (values.help === true) process.stdout.write(usage)
  else if (from === undefined || to === undefined || positionals.length > 2) throw new Error(`two files are needed\n\n${usage}`)
  else {
    const title = values.title ?? path.basename(from, '.cpuprofile').replace(/(-\d+){1,2}$/, '')
    writeFileSync(to, flameSvg(callTreeOf(JSON.parse(readFileSync(from, 'utf8')) as CpuProfile), title))
  }
} catch (error) {
  console.error(`flame-graph: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
