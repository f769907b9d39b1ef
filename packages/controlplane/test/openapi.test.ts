import { beforeAll, describe, expect, it } from 'vitest'

import { ControlPlane } from '../src/gen/controlplane_pb.js'
import { Admin } from '../src/gen/frontier/v1/admin_pb.js'
import type { OpenApiDocument } from '../src/openapi.js'
import { testPlane } from './test-plane.js'

let document: OpenApiDocument
let page: string
beforeAll(async () => {
  await using plane = await testPlane()
  const answer = await fetch(`${plane.url}/openapi.json`)
  expect(answer.headers.get('content-type')).toBe('application/json')
  document = (await answer.json()) as OpenApiDocument
  page = await (await fetch(`${plane.url}/docs`)).text()
})

/** All `$ref`s in `value`. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === '$ref' ? [String(inner)] : references(inner)))
}

describe('/openapi.json', () => {
  it('has every method of both services once, with a summary', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
    const wanted = [...ControlPlane.methods, ...Admin.methods].map(({ parent, name }) => `${parent.typeName}.${name}`)
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(wanted.sort())
    expect(operations.filter(({ summary }) => summary === '')).toEqual([])
  })

  it('names the server that it came from, which some generators of clients demand', () => {
    expect(document['servers']).toEqual([{ url: '/' }])
  })

  it('refers to nothing that is not there', () => {
    const schemas = document.components['schemas'] as Record<string, unknown>
    const missing = references(document).filter((reference) => !Object.hasOwn(schemas, reference.replace('#/components/schemas/', '')))
    expect(missing).toEqual([])
  })

  it('says what is given where, and how', () => {
    const { parameters } = document.paths['/v1/edges/{edge_id}']!['get']!
    expect(parameters).toEqual([{ name: 'edge_id', in: 'path', required: true, schema: { type: 'string', format: 'uint64', pattern: '^\\d+$' } }])
    const listing = document.paths['/v2/edges']!['get']!.parameters
    expect(listing.find(({ name }) => name === 'labels')).toMatchObject({ in: 'query', style: 'deepObject', explode: true })
    expect(document.paths['/v2/edges/{edge_id}/call']!['post']).toMatchObject({
      'x-frontier-role': 'admin',
      requestBody: { content: { 'application/json': { schema: { properties: { method: { type: 'string' } } } } } },
    })
    expect(document.paths['/v2/events']!['get']!.responses['200']).toMatchObject({ content: { 'text/event-stream': {} } })
    expect(document.openapi).toBe('3.1.0')
  })
})

describe('/docs', () => {
  it('shows every path, and needs nothing from elsewhere', () => {
    for (const path of Object.keys(document.paths)) expect(page).toContain(`<code>${path}</code>`)
    expect(page).not.toMatch(/<script|src=|https?:\/\//)
  })
})
