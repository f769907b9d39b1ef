import type { z } from 'zod'

import { didYouMean } from './did-you-mean.js'
import { formatPath, type KeyPath } from './key-path.js'
import { laterKeys } from './later-keys.js'
import { keysAt } from './schema-keys.js'

/** Something wrong with a configuration. */
export interface Problem {
  readonly path: KeyPath
  /** A sentence that names the key, but not the file. */
  readonly text: string
}

/** What zod found, in our words. */
export function problemsOf(schema: z.ZodType, issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))
    if (issue.code !== 'unrecognized_keys') return [{ path, text: `${formatPath(path) || 'the configuration'} ${issue.message}` }]
    return issue.keys.map((key) => ({ path: [...path, key], text: unknownKey(schema, path, key) }))
  })
}

function unknownKey(schema: z.ZodType, path: KeyPath, key: string): string {
  const full = formatPath([...path, key])
  if (laterKeys.has(full)) return `${full} is not supported by this version yet`
  const meant = didYouMean(key, keysAt(schema, path))
  return `unknown key ${full}${meant === undefined ? '' : `; did you mean ${meant}?`}`
}

/** The message of an issue, to be read behind the key. Values are quoted only where they are one of a few words: others may be secrets. */
export function describeIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return 'is missing'
      // A number where text is wanted may be a secret without its quotes.
      if (issue.expected === 'string' && typeof issue.input === 'number') return 'must be text, not a number: put it in quotes'
      return `must be ${kindOf(issue.expected)}, not ${describeValue(issue.input)}`
    case 'invalid_value':
      return `must be one of ${issue.values.map((value) => (value === '' ? `''` : String(value))).join(', ')}, not ${describeWord(issue.input)}`
    case 'too_small':
      return `must be ${issue.origin === 'string' ? 'filled in' : `${issue.inclusive === true ? 'at least' : 'above'} ${issue.minimum}`}`
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`
    default:
      return undefined
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a section',
  array: 'a list',
}

function kindOf(expected: string): string {
  return kinds[expected] ?? expected
}

function describeWord(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : describeValue(value)
}

function describeValue(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'number':
    case 'boolean':
      return String(value)
    default:
      return typeof value === 'object' ? 'a section' : `a ${typeof value}`
  }
}
