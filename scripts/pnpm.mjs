// npm run pnpm -- <arguments>: the pinned pnpm, for adding a dependency for example.
import { pnpm, userArgs } from './bootstrap.mjs'

process.exitCode = pnpm(userArgs())
