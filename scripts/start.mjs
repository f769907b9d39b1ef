// npm start [-- flags]: the gateway, from a fresh clone on.
import { become, prepare, userArgs } from './bootstrap.mjs'

prepare('apps/frontier/tsconfig.build.json')
await become('apps/frontier/dist/main.js', userArgs())
