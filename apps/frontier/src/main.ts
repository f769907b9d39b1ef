#!/usr/bin/env node
import { readFileSync } from 'node:fs'

import { createFrontier } from '@frontier/gateway'

import { run } from './run.js'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

// Whoever read the log may go away; the gateway stays.
process.stdout.on('error', () => undefined)
process.stderr.on('error', () => undefined)

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  version,
  signals: process,
  writeOut: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  createGateway: (config, logger) => createFrontier(config, { logger }),
})
process.exit()
