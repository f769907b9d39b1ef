// npm test [-- vitest arguments]: installs, compiles, runs every test; the last line is `N passed, N failed`.
import { compile, install, userArgs } from './bootstrap.mjs'
import { runTests, totalLine } from './run-tests.mjs'

install()
const counts = compile() === 0 ? runTests(userArgs()) : { passed: 0, failed: 1, skipped: 0 }
console.log(totalLine(counts))
process.exitCode = counts.failed > 0 ? 1 : 0
