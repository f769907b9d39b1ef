// npm run lint [-- files or eslint flags]
import { compile, install, runNode, tool, userArgs } from './bootstrap.mjs'

install()
const built = compile() // typed rules read the declarations of the packages a file imports
const args = userArgs()
process.exitCode = runNode([tool('eslint'), '--max-warnings=0', ...(args.length > 0 ? args : ['.'])]) || built
