import { withPort } from './endpoint.js'
import { valueAt, withValueAt, type KeyPath } from './key-path.js'

/** Environment variables by name, as `process.env`. Empty ones count as not set. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What a command line sets. */
export interface ConfigFlags {
  /** `--loglevel` */
  readonly loglevel?: string | undefined
}

/** A value from elsewhere than the file. */
interface Override {
  readonly path: KeyPath
  /** What to blame: `environment LOG_LEVEL`. */
  readonly source: string
  readonly value: unknown
}

/** A configuration with the overrides in it, and who set what. */
export interface Overridden {
  readonly tree: unknown
  /** Sources by path, in the words of messages. */
  readonly sources: readonly Override[]
  readonly problems: readonly string[]
}

const portVariables = [
  { name: 'FRONTIER_SERVICEBOUND_PORT', side: 'servicebound', defaultAddr: '0.0.0.0:30011' },
  { name: 'FRONTIER_EDGEBOUND_PORT', side: 'edgebound', defaultAddr: '0.0.0.0:30012' },
] as const

/** Lays the environment over `tree`, and the flags over both. */
export function applyOverrides(tree: unknown, env: Environment, flags: ConfigFlags): Overridden {
  const problems: string[] = []
  const overrides: Override[] = []
  const take = (name: string, path: KeyPath, read: (text: string) => unknown): void => {
    const text = env[name]
    if (text === undefined || text === '') return
    const value = read(text)
    if (value !== undefined) overrides.push({ path, source: `environment ${name}`, value })
  }
  take('LOG_LEVEL', ['log', 'level'], (text) => text)
  take('NODE_NAME', ['daemon', 'frontier_id'], (text) => `frontier-${text}`)
  take('FRONTIER_RESUME_KEY', ['exchange', 'resume_key'], (text) => text)
  take('FRONTIER_DRAIN_SECONDS', ['daemon', 'drain_seconds'], (text) => {
    if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
    problems.push(`environment FRONTIER_DRAIN_SECONDS is ${JSON.stringify(text)}, not a number of seconds`)
    return undefined
  })
  for (const { name, side, defaultAddr } of portVariables) {
    take(name, [side, 'listen', 'addr'], (text) => {
      if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) {
        problems.push(`environment ${name} is ${JSON.stringify(text)}, not a port from 0 to 65535`)
        return undefined
      }
      const network = valueAt(tree, [side, 'listen', 'network']) ?? 'tcp'
      if (network !== 'tcp') {
        problems.push(`environment ${name} sets a port, but ${side}.listen.network is ${JSON.stringify(network)}`)
        return undefined
      }
      const addr = valueAt(tree, [side, 'listen', 'addr']) ?? defaultAddr
      return typeof addr === 'string' ? withPort(addr, Number(text)) : undefined
    })
  }
  if (flags.loglevel !== undefined) overrides.push({ path: ['log', 'level'], source: 'flag --loglevel', value: flags.loglevel })
  return { tree: overrides.reduce((under, { path, value }) => withValueAt(under, path, value), tree), sources: overrides, problems }
}
