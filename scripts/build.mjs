// npm run build: compiles every package, app and example that is stale.
import { prepare } from './bootstrap.mjs'

prepare()
