// npm run typecheck: the types of tests and benches too, which the build leaves out.
import { compile, install, runNode, tool } from './bootstrap.mjs'

install()
const built = compile()
const flags = ['--continue', '--output-logs=errors-only', '--no-update-notifier']
process.exitCode = runNode([tool('turbo'), 'run', 'typecheck', ...flags]) || built
