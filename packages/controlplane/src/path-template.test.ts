import { describe, expect, it } from 'vitest'

import { cleanPath } from './clean-path.js'
import { compareTemplates, matchPath, parsePathTemplate } from './path-template.js'

describe('path templates', () => {
  it('take one segment per variable', () => {
    const template = parsePathTemplate('/v1/edges/{edge_id}')
    expect(matchPath(template, ['v1', 'edges', '7'])).toEqual(new Map([['edge_id', '7']]))
    expect(matchPath(template, ['v1', 'edges', ''])).toBeUndefined()
    expect(matchPath(template, ['v1', 'edges'])).toBeUndefined()
    expect(matchPath(template, ['v1', 'Edges', '7'])).toBeUndefined()
  })

  it('with a literal go before those with a variable', () => {
    const templates = ['/v1/{a}/{b}', '/v1/{a}/x', '/v1/x/{b}', '/v1/x/y'].map(parsePathTemplate)
    expect(templates.sort(compareTemplates).map(({ text }) => text)).toEqual(['/v1/x/y', '/v1/x/{b}', '/v1/{a}/x', '/v1/{a}/{b}'])
  })

  it.each(['', 'v1', '/v1/', '/v1/{a=**}', '/v1/{a.b}', '/v1/x:verb', '/{}'])('%j is not supported', (text) => {
    expect(() => parsePathTemplate(text)).toThrow('unsupported path template')
  })
})

it.each([
  ['/v1/edges', '/v1/edges'],
  ['/', '/'],
  ['//', '/'],
  ['//evil.example/x', '/evil.example/x'],
  ['/v1//edges/', '/v1/edges/'],
  ['/v1/../../edges', '/edges'],
  ['/v1/./edges/..', '/v1/'],
])('cleanPath(%j)', (path, clean) => {
  expect(cleanPath(path)).toBe(clean)
})
