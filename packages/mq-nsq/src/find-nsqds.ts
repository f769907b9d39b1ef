import { get as getHttp } from 'node:http'
import { get as getHttps } from 'node:https'

import { type NsqdAddress, nsqdAddress } from './nsqd-address.js'

const TIMEOUT_MS = 5000
const MAX_BYTES = 1024 * 1024

/** The nsqds that have `topic`, as one nsqlookupd knows them; none when it does not know the topic. Rejects when it does not answer. */
export function findNsqds(lookupd: URL, topic: string, signal: AbortSignal): Promise<NsqdAddress[]> {
  const url = new URL(lookupd)
  if (url.pathname === '/') url.pathname = '/lookup'
  url.searchParams.set('topic', topic)
  const get = url.protocol === 'https:' ? getHttps : getHttp
  return new Promise((resolve, reject) => {
    // agent: false = no socket that stays behind.
    const request = get(url, { agent: false, signal, timeout: TIMEOUT_MS, headers: { accept: 'application/vnd.nsq; version=1.0' } }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes > MAX_BYTES) response.destroy(new Error('nsqlookupd answers at too great a length'))
      })
      response.on('error', reject)
      response.on('end', () => {
        try {
          const answer: unknown = JSON.parse(Buffer.concat(chunks).toString())
          if (response.statusCode === 200) resolve(producersOf(answer))
          else if (response.statusCode === 404) resolve([]) // TOPIC_NOT_FOUND
          else reject(new Error(`nsqlookupd answers with ${response.statusCode ?? 'nothing'}`))
        } catch (error) {
          reject(new Error('nsqlookupd answers with something else than its list', { cause: error }))
        }
      })
    })
    request.on('timeout', () => request.destroy(new Error('nsqlookupd does not answer')))
    request.on('error', reject)
  })
}

function producersOf(answer: unknown): NsqdAddress[] {
  const { producers, data } = answer as { producers?: unknown; data?: { producers?: unknown } } // before 1.0 within data
  const list = (producers ?? data?.producers ?? []) as readonly { broadcast_address?: unknown; tcp_port?: unknown }[]
  return list.flatMap(({ broadcast_address: host, tcp_port: port }) => (typeof host === 'string' && typeof port === 'number' ? [nsqdAddress(host, port)] : []))
}
