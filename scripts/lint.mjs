// npm run lint [-- files or eslint flags]
import { prepare, runNode, tool, userArgs } from './bootstrap.mjs';

prepare(); // typed rules read the declarations of the packages a file imports
const args = userArgs();
process.exitCode = runNode([tool('eslint'), '--max-warnings=0', ...(args.length > 0 ? args : ['.'])]);
