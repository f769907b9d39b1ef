import { readFileSync } from 'node:fs'
import path from 'node:path'

import { parseFrontierConfig, resolveFrontierConfig } from '@frontier/config'
import { describe, expect, test } from 'vitest'

import { tableRows } from './markdown.js'

// docs/configuration.md against the schema, seen from outside: what it takes, refuses and fills in.

const text = readFileSync(path.resolve(import.meta.dirname, '../docs/configuration.md'), 'utf8')

interface Documented {
  key: string
  fallback: string
  values: string
  environment: string
}

const brokers = ['kafka', 'amqp', 'nats', 'nsq', 'redis', 'webhook']
const withoutConnection = new Set(['webhook'])

const documented: Documented[] = tableRows(text).flatMap((row) => {
  const key = unquoted(row['key'] ?? '')
  const values = row['unit, values'] ?? ''
  if (key.startsWith('mqm.*.')) {
    const named = /^mqm\.\*\.(addrs|ack_timeout_seconds)/.test(key) ? brokers.filter((broker) => !withoutConnection.has(broker)) : brokers
    return named.map((broker) => ({ key: key.replace('*', broker), fallback: row['default'] ?? '', values, environment: '' }))
  }
  if (row['default'] !== undefined)
    return [{ key, fallback: row['default'], values, environment: unquoted(row['environment'] ?? '') }]
  return ['servicebound', 'edgebound'].map((side) => {
    const port = key === 'listen.addr' ? `FRONTIER_${side.toUpperCase()}_PORT` : ''
    return { key: `${side}.${key}`, fallback: row[side] ?? '', values, environment: port }
  })
})

function unquoted(cell: string): string {
  return cell.replaceAll('`', '')
}

/** Keys and values of what the configuration is when nothing is said. */
function leaves(tree: object, prefix = ''): [string, unknown][] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? leaves(value, `${prefix}${key}.`)
      : [[prefix + key, value]],
  )
}

const defaults = new Map(leaves(resolveFrontierConfig()))
const inYaml = (key: string, value: string): string =>
  key
    .split('.')
    .reduce(
      (yaml, part, depth, all) =>
        `${yaml}${'  '.repeat(depth)}${part}:${depth === all.length - 1 ? ` ${value}` : ''}\n`,
      '',
    )

function takes(key: string, value: string): boolean {
  // The hard mark may not be below the mark.
  const isMark = key.endsWith('.queue_mark_bytes')
  const mark = isMark
    ? '    queue_hard_mark_bytes: 2147483647\n'
    : key.endsWith('.queue_hard_mark_bytes')
      ? '    queue_mark_bytes: 65536\n'
      : ''
  const more =
    key.endsWith('tls.mtls') || key.endsWith('tls.enable')
      ? '      certs: [{cert: a, key: b}]\n      ca_certs: [c]\n'
      : ''
  const enabled = key.endsWith('tls.mtls') ? '      enable: true\n' : ''
  try {
    parseFrontierConfig(inYaml(key, value) + mark + enabled + more, 'frontier.yaml')
    return true
  } catch {
    return false
  }
}

describe('docs/configuration.md', () => {
  test('has every key, once, and no other', () => {
    expect(documented.map(({ key }) => key).sort()).toEqual([...defaults.keys()].sort())
  })

  test.each(documented)('$key: its default', ({ key, fallback }) => {
    const value = defaults.get(key)
    const shown =
      typeof value === 'number'
        ? value.toLocaleString('en-US')
        : Array.isArray(value)
          ? '`[]`'
          : `\`${value === '' ? "''" : String(value)}\``
    expect(fallback).toBe(shown)
  })

  const ranges = documented.filter(({ key }) => typeof defaults.get(key) === 'number')
  test.each(ranges)('$key: its unit and range', ({ key, values }) => {
    const [, unit, above, ...bounds] = /^(\w+), (above )?(-?[\d,]+) to ([\d,]+)$/.exec(values) ?? []
    const unitOfName = /_(bytes|seconds)$/.exec(key)?.[1]
    if (unitOfName !== undefined) expect(unit).toBe(unitOfName)
    const [least = NaN, most = NaN] = bounds.map((bound) => Number(bound.replaceAll(',', '')))
    expect([least, most].map((value) => takes(key, String(value)))).toEqual([above === undefined, true])
    expect([least - 1, most + 1].map((value) => takes(key, String(value)))).toEqual([false, false])
  })

  const choices = documented.filter(({ values }) => /^`\w+`(, `\w+`)*(, in any case)?$/.test(values))
  test.each(choices)('$key: each of its values', ({ key, values }) => {
    const words = [...values.matchAll(/`(\w+)`/g)].map((found) => found[1] ?? '')
    for (const word of words) {
      const value = key.endsWith('listen.network') && word !== 'tcp' ? `${word}\n    addr: /run/x` : word
      expect(takes(key, value), word).toBe(true)
    }
    expect(takes(key, 'nonsense')).toBe(false)
  })

  test.each(documented.filter(({ environment }) => environment !== ''))(
    '$environment sets $key',
    ({ key, environment }) => {
      const value = key === 'log.level' ? 'warn' : key === 'exchange.resume_key' ? 'a secret of some length' : '7'
      const changed = leaves(resolveFrontierConfig({}, { env: { [environment]: value } })).filter(
        ([name, now]) => String(now) !== String(defaults.get(name)),
      )
      expect(changed.map(([name]) => name)).toEqual([key])
    },
  )

  test('names the variables the program names', () => {
    const usage = readFileSync(path.resolve(import.meta.dirname, '../apps/frontier/src/command-line.ts'), 'utf8')
    const list = /Environment: ([^.]*)\./.exec(usage)?.[1]?.split(/,\s+/) ?? []
    expect(documented.flatMap(({ environment }) => (environment === '' ? [] : [environment])).sort()).toEqual(
      list.sort(),
    )
  })

  test('shows examples that hold', () => {
    const examples = [...text.matchAll(/```yaml\n([^]*?)```/g)].map((found) => found[1] ?? '')
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) parseFrontierConfig(example, 'docs/configuration.md')
  })

  test('names as refused what is refused as coming later', () => {
    const later = /\(([^)]*)\) are refused as not supported yet/.exec(text.replaceAll('\n', ' '))?.[1] ?? ''
    const keys = later.split(',').map((key) => unquoted(key.trim()))
    expect(keys.length).toBeGreaterThan(5)
    for (const key of keys) {
      expect(() => parseFrontierConfig(inYaml(key, 'x'), 'frontier.yaml'), key).toThrow(
        `${key} is not supported by this version yet`,
      )
    }
  })
})
