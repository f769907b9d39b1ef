#!/usr/bin/env node
import { readFileSync } from 'node:fs'

import { isCommandLine } from './cli/leading-flags.js'

// Each way loads what it needs, and no more: help and completion do not wait for a gateway, nor a gateway for the commands.
const args = process.argv.slice(2)
process.exitCode = await (isCommandLine(args) ? runCommand() : runGateway())
process.exit()

async function runCommand(): Promise<number> {
  const [{ runCli }, { processHost }] = await Promise.all([import('./run-cli.js'), import('./cli/process-host.js')])
  return runCli(args, processHost())
}

async function runGateway(): Promise<number> {
  const { run } = await import('./run.js')
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  // Whoever read the log may go away; the gateway stays.
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
  return run(args, {
    env: process.env,
    version,
    signals: process,
    writeOut: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    createGateway: async (config, logger) => {
      const { createFrontier } = await import('@frontier/gateway')
      return createFrontier(config, { logger })
    },
  })
}
