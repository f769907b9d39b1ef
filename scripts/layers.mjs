// The one table of who may import whom. eslint.config.mjs and test/layering.test.ts both read it.
import { builtinModules } from 'node:module'

/** Packages from the ground up: each may import those before it. */
export const layers = [
  'wire',
  'transport',
  'mux',
  'geminio',
  'exchange',
  'registry',
  'mq',
  'mq-kafka',
  'mq-amqp',
  'mq-nats',
  'mq-nsq',
  'mq-redis',
  'mq-webhook',
  'controlplane',
  'config',
  'gateway',
  'edge',
  'service',
]

/** These run in browsers, Deno and Bun too: nothing of Node's own, except in their tests. */
export const portable = ['wire', 'mux', 'geminio', 'edge', 'service']

/** The SDKs know nothing of what serves them, nor of each other. */
const sdks = ['edge', 'service']
const bridges = ['mq-kafka', 'mq-amqp', 'mq-nats', 'mq-nsq', 'mq-redis', 'mq-webhook']
const serverSide = ['exchange', 'registry', 'mq', ...bridges, 'controlplane', 'config', 'gateway']

const nodeModules = new Set(builtinModules)

/** Which @frontier packages the sources of one package may import. Programs (undefined) may import all. */
export function allowedImports(/** @type {string | undefined} */ name) {
  if (name === undefined) return layers
  const above = layers.slice(0, layers.indexOf(name)).filter((other) => !(bridges.includes(name) && bridges.includes(other)))
  return sdks.includes(name) ? above.filter((other) => !serverSide.includes(other) && !sdks.includes(other)) : above
}

/** Which @frontier packages the tests of one package may import: an SDK's tests may start a gateway. */
export function allowedTestImports(/** @type {string | undefined} */ name) {
  return name === undefined ? layers : layers.slice(0, layers.indexOf(name) + 1)
}

/** Whether a specifier names a module that only Node has, written with `node:` or without. */
export function isNodeModule(/** @type {string} */ specifier) {
  return specifier.startsWith('node:') || nodeModules.has(specifier)
}

/** Tests, benches and contract suites are not part of what a package ships. */
export function isTestFile(/** @type {string} */ file) {
  return /\.(test|bench|contract)\.ts$/.test(file) || /(^|\/)test\//.test(file)
}
