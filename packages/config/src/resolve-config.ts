import { FrontierError } from '@frontier/wire'

import type { FrontierConfig, FrontierConfigInput } from './frontier-config.js'
import { frontierSchema } from './frontier-schema.js'
import { withoutNulls, type KeyPath } from './key-path.js'
import { applyOverrides, type ConfigFlags, type Environment } from './overrides.js'
import { describeIssue, problemsOf } from './problems.js'

/** What goes over a configuration: flag before environment before file before default. */
export interface ConfigSources {
  /** Environment variables; none by default, so that a library depends on nothing it was not given. Programs pass `process.env`. */
  readonly env?: Environment | undefined
  readonly flags?: ConfigFlags | undefined
}

/** Where a key is written, to begin a message with: `frontier.yaml:12: `. */
export type Locate = (path: KeyPath) => string

/** How many problems one message names. */
const MAX_TOLD = 3

/**
 * Checks a configuration and fills in what it leaves out. What it returns can be given to it again.
 * @throws INVALID_ARGUMENT with the key and what is wrong with it, on one line.
 */
export function resolveFrontierConfig(input: FrontierConfigInput = {}, sources: ConfigSources = {}): FrontierConfig {
  return resolveTree(input, sources, () => '')
}

/** {@link resolveFrontierConfig} of something that may be anything, with places for its messages. */
export function resolveTree(input: unknown, { env = {}, flags = {} }: ConfigSources, locate: Locate): FrontierConfig {
  const { tree, sources, problems } = applyOverrides(withoutNulls(input), env, flags)
  const result = frontierSchema.safeParse(tree, { error: describeIssue })
  if (result.success && problems.length === 0) return result.data
  const found = result.success ? [] : problemsOf(frontierSchema, result.error.issues)
  const told = found.map(({ path, text }) => {
    const source = sources.findLast((override) => override.path.join() === path.join())
    return source === undefined ? `${locate(path)}${text}` : `${source.source}: ${text}`
  })
  throw invalidConfig([...problems, ...told])
}

/** All of it as one error of one line; beyond a few problems only their number. */
export function invalidConfig(problems: readonly string[]): FrontierError {
  const more = problems.length - MAX_TOLD
  const told = problems.slice(0, MAX_TOLD).join('; ')
  return new FrontierError('INVALID_ARGUMENT', more > 0 ? `${told}; and ${more} more` : told)
}
