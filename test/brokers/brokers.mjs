#!/usr/bin/env node
// Real brokers on loopback, without containers; see README.md beside this file. As a program, and as a module for tests.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import { Broker } from './broker.mjs'
import { certificate } from './certificates.mjs'
import { composeEnv } from './compose-env.mjs'
import { folder } from './home.mjs'
import { brokerNames, installBrokers, whatIsMissing } from './kinds.mjs'
import { program as natsServer } from './kinds/nats.mjs'

export { brokerNames, installBrokers }

const usage = `brokers.mjs install [NAME...]       gets and builds what the brokers need (all without a name)
brokers.mjs start NAME...           starts them with empty data, and leaves them running
brokers.mjs env [--compose]         export lines of those, or of what compose.yaml starts
brokers.mjs kill|terminate|pause|resume|restart NAME [PROCESS]   SIGKILL, SIGTERM, SIGSTOP, SIGCONT; restart keeps the data
brokers.mjs stop [NAME...]          ends them and deletes their data (all without a name)
brokers.mjs status | log NAME       what runs; the end of what it said
brokers.mjs run [NAME...] -- COMMAND...   a command with brokers of its own, and their environment (all without a name)
brokers.mjs path nats-server|tls     where it is, made if it is not there
NAME is one of ${brokerNames.join(', ')}.`

/** Whether a missing broker is a failure rather than a reason to skip. */
const isObliged = process.env.CI === 'true'

export function missing(/** @type {string} */ name) {
  const reason = whatIsMissing(name)
  return reason === undefined || isObliged ? undefined : `${reason}: node test/brokers/brokers.mjs install ${name}`
}

export function startBroker(/** @type {string} */ name) {
  const reason = whatIsMissing(name)
  return reason === undefined ? Broker.start(name) : Promise.reject(new Error(`${name} cannot be started, for want of ${reason}`))
}

/** Those that `start` left running. */
function running() {
  return readdirSync(folder('data')).flatMap((base) => {
    try {
      const broker = new Broker(readFileSync(path.join(folder('data'), base, 'name'), 'utf8'), Number(base))
      return [broker]
    } catch {
      return [] // being made, or being removed
    }
  })
}

function named(/** @type {string | undefined} */ name) {
  const broker = running().find((one) => one.name === name && one.pids.length > 0) ?? running().find((one) => one.name === name)
  if (broker === undefined) throw new Error(`${name} does not run`)
  return broker
}

const say = (/** @type {string} */ text) => process.stdout.write(`${text}\n`)
const exports = (/** @type {Readonly<Record<string, string>>} */ env) => Object.entries(env).map(([name, value]) => `export ${name}='${value}'`).join('\n')

/** Installs, starts, runs the command with their addresses, stops; the exit code is the command's. */
async function runWith(/** @type {readonly string[]} */ names, /** @type {readonly string[]} */ [program = '', ...args]) {
  await installBrokers(names)
  const results = await Promise.allSettled(names.map((name) => Broker.start(name)))
  const brokers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  try {
    for (const result of results) if (result.status === 'rejected') throw result.reason
    const env = Object.assign({}, process.env, ...brokers.map((broker) => broker.env))
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => {}) // the command decides
    return await new Promise((resolve, reject) => {
      const child = spawn(program, args, { stdio: 'inherit', env })
      child.on('error', reject)
      child.on('exit', (code) => resolve(code ?? 1))
    })
  } finally {
    await Promise.all(brokers.map((broker) => broker.stop()))
  }
}

async function main(/** @type {string[]} */ [command = 'help', ...args]) {
  const names = args.length === 0 ? brokerNames : args
  switch (command) {
    case 'install':
      await installBrokers(names)
      return
    case 'start':
      if (args.length === 0) throw new Error(usage)
      await installBrokers(args)
      await Promise.all(args.map((name) => Broker.start(name, { stays: true })))
      return
    case 'env': {
      const env = Object.assign({}, ...(args[0] === '--compose' ? [composeEnv] : running().map((broker) => broker.env)))
      say(exports(env))
      return
    }
    case 'kill':
    case 'terminate':
    case 'pause':
    case 'resume':
    case 'restart':
      await named(args[0])[command](args[1])
      return
    case 'stop':
      for (const name of args) await named(name).stop()
      if (args.length === 0) await Promise.all(running().map((broker) => broker.stop()))
      return
    case 'status':
      for (const broker of running()) say(`${broker.name.padEnd(16)} ${broker.pids.length > 0 ? 'runs' : 'is down'}  ${broker.addresses.join(',')}  pids ${broker.pids.join(' ')}`)
      return
    case 'log':
      say(named(args[0]).log())
      return
    case 'run': {
      const dashes = args.indexOf('--')
      if (dashes < 0) throw new Error(usage)
      process.exitCode = await runWith(dashes === 0 ? brokerNames : args.slice(0, dashes), args.slice(dashes + 1))
      return
    }
    case 'path':
      if (args[0] !== 'nats-server' && args[0] !== 'tls') throw new Error(usage)
      await installBrokers(args[0] === 'tls' ? [] : ['nats'])
      say(args[0] === 'tls' ? path.dirname(certificate('ca.pem')) : natsServer)
      return
    default:
      say(usage)
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await main(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`brokers: ${/** @type {Error} */ (error).message}\n`)
    process.exitCode = 1
  }
}
