// node scripts/run.mjs <folder> [flags]: compiles a workspace program and runs its dist/main.js.
import { become, prepare, userArgs } from './bootstrap.mjs'

const [folder, ...rest] = userArgs()
prepare(`${folder}/tsconfig.build.json`)
await become(`${folder}/dist/main.js`, rest[0] === '--' ? rest.slice(1) : rest)
