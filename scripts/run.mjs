// node scripts/run.mjs <folder>[#program] [flags]: compiles a workspace program and runs its dist/main.js, or dist/<program>.js.
import { become, prepare, userArgs } from './bootstrap.mjs'

const [target, ...rest] = userArgs()
const [folder, program = 'main'] = target.split('#')
prepare(`${folder}/tsconfig.build.json`)
await become(`${folder}/dist/${program}.js`, rest[0] === '--' ? rest.slice(1) : rest)
