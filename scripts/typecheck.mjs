// npm run typecheck: the types of tests and benches too, which the build leaves out.
import { prepare, runNode, tool } from './bootstrap.mjs';

prepare();
process.exitCode = runNode([tool('turbo'), 'run', 'typecheck', '--continue', '--output-logs=errors-only', '--no-update-notifier']);
