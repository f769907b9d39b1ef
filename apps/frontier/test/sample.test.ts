import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { loadFrontierConfig, resolveFrontierConfig } from '@frontier/config'
import { describe, expect, it } from 'vitest'

const sample = fileURLToPath(new URL('../frontier.yaml', import.meta.url))

function keysOf(tree: object): string[] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? [key, ...keysOf(value)] : [key],
  )
}

describe('frontier.yaml, the sample', () => {
  it('says what the defaults say', async () => {
    expect(await loadFrontierConfig(sample)).toEqual(resolveFrontierConfig())
  })

  it('has every key', async () => {
    const written = [...(await readFile(sample, 'utf8')).matchAll(/^ *([a-zA-Z_]+):/gm)].map((match) => match[1])
    expect(written.sort()).toEqual(keysOf(resolveFrontierConfig()).sort())
  })
})
