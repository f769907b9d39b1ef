import { readFile } from 'node:fs/promises'

import { FrontierError } from '@frontier/wire'

import type { FrontierConfig } from './frontier-config.js'
import { invalidConfig, resolveTree, type ConfigSources } from './resolve-config.js'
import { describeFileError } from './file-error.js'
import { readYaml } from './yaml-source.js'

/**
 * Reads a frontier.yaml. An empty file is a good one: all keys have defaults.
 * @throws INVALID_ARGUMENT when it cannot be read, with the reason, or is wrong, with file, line and key on one line:
 * `frontier.yaml:12: unknown key edgebound.lisen; did you mean listen?`
 */
export async function loadFrontierConfig(path: string, sources: ConfigSources = {}): Promise<FrontierConfig> {
  return parseFrontierConfig(await readText(path), path, sources)
}

/** {@link loadFrontierConfig} of a text; `name` is the file of the messages. @throws INVALID_ARGUMENT as it. */
export function parseFrontierConfig(text: string, name: string, sources: ConfigSources = {}): FrontierConfig {
  const source = readYaml(text)
  if (source.errors.length > 0) {
    throw invalidConfig(source.errors.map(({ line, text: message }) => `${name}:${line}: ${message.replaceAll(/\s+/g, ' ')}`))
  }
  return resolveTree(source.value ?? {}, sources, (key) => `${name}:${source.lineOf(key)}: `)
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new FrontierError('INVALID_ARGUMENT', `cannot read ${path}: ${describeFileError(error)}`, { cause: error })
  }
}
