import { request } from 'node:http'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { load, readGolden } from './golden.js'
import { testPlane, type TestPlane } from './test-plane.js'

interface RestCase {
  name: string
  request: { method: string; path: string; headers?: Record<string, string> }
  answer: { status: number; contentType?: string; location?: string; text?: string; hex?: string; allow?: string; reason?: string }
}

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: Buffer
}

/** Not fetch, which would clean the path and follow redirects. */
function send(port: number, { method, path, headers = {} }: RestCase['request']): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

function check({ status, headers, body }: Answer, wanted: RestCase['answer']): void {
  const { status: _, reason, ...fields } = wanted
  const found: RestCase['answer'] = { status }
  if (fields.contentType !== undefined) found.contentType = headers['content-type'] as string
  if (fields.location !== undefined) found.location = headers['location'] as string
  if (fields.allow !== undefined) found.allow = headers['allow'] as string
  if (fields.text !== undefined) found.text = body.toString()
  if (fields.hex !== undefined) found.hex = body.toString('hex')
  if (reason !== undefined) found.reason = (JSON.parse(body.toString()) as { reason: string }).reason
  expect(found).toEqual(wanted)
}

describe.each(['rest-1', 'rest-2', 'rest-kick'])('the family over REST: %s', (name) => {
  const { state, cases } = readGolden<RestCase>(name)
  let plane: TestPlane
  beforeAll(async () => {
    plane = await testPlane()
    load(plane.backend, state)
  })
  afterAll(() => plane[Symbol.asyncDispose]())

  it.each(cases)('$name', async ({ request: wanted, answer }) => {
    check(await send(plane.port, wanted), answer)
  })
})
