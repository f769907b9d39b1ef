import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'

import { parseBenchOptions, usage, type BenchOptions } from './bench-options.js'
import { runBench } from './run-bench.js'
import { pageOf } from './report/page.js'
import { verdictSheet } from './sheet.js'
import { tableOf, textOf } from './table.js'
import { verdictsOf } from './targets.js'

const RESULTS = new URL('../results/', import.meta.url)

try {
  const options = parseBenchOptions(process.argv.slice(2))
  if (options.help) process.stdout.write(usage)
  else await bench(options)
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
  // Processes that were being started end when this one does.
  process.exit(1)
}

async function bench(options: BenchOptions): Promise<void> {
  const report = await runBench(options, (text) => {
    console.error(text)
  })
  const json = `${JSON.stringify(report, null, 2)}\n`
  if (options.keep) {
    mkdirSync(RESULTS, { recursive: true })
    writeFileSync(new URL('latest.json', RESULTS), json)
    writeFileSync(new URL('latest.html', RESULTS), pageOf(report))
  }
  if (options.json) {
    process.stdout.write(json)
    return
  }
  for (const { peer, why } of report.missing) console.log(`missing: ${peer}: ${why}`)
  const { commit, node, cpu, load, seconds } = report
  const verdicts = verdictsOf(report.results)
  console.log(`\n${tableOf(report.results)}\n`)
  if (verdicts.length > 0) console.log(`${textOf(verdictSheet(verdicts))}\n`)
  console.log(`commit ${commit ?? 'unknown'}, Node ${node}, ${cpu}, load ${load.join(' ')} before, ${loadavg()[0]!.toFixed(2)} after; ${seconds} s`)
}
