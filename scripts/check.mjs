// npm run check: everything CI asks for. A step that fails counts as one failure in the last line, and the others still run.
import { compile, install, runNode } from './bootstrap.mjs'
import { runTests, totalLine } from './run-tests.mjs'

install()
const failedSteps = []
step('build', () => compile())
step('lint', () => runNode(['scripts/lint.mjs']))
step('typecheck', () => runNode(['scripts/typecheck.mjs']))
console.log('\n> tests, packaging included')
const counts = runTests()
if (failedSteps.length > 0) console.log(`Failed steps: ${failedSteps.join(', ')}`)
counts.failed += failedSteps.length
console.log(totalLine(counts))
process.exitCode = counts.failed > 0 ? 1 : 0

function step(name, action) {
  console.log(`\n> ${name}`)
  const begin = Date.now()
  if (action() !== 0) failedSteps.push(name)
  console.log(`${name}: ${((Date.now() - begin) / 1000).toFixed(1)} s`)
}
