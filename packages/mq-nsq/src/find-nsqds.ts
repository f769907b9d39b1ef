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
    // Its whole answer has to be here in time: `timeout` would be one of idleness.
    const timeUp = setTimeout(() => request.destroy(new Error('nsqlookupd does not answer')), TIMEOUT_MS)
    // agent: false = no socket that stays behind.
    const request = get(url, { agent: false, signal, headers: { accept: 'application/vnd.nsq; version=1.0' } }, (response) => {
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
    request.on('error', reject)
    request.on('close', () => {
      clearTimeout(timeUp)
      reject(new Error('nsqlookupd did not answer'))
    })
  })
}

function producersOf(answer: unknown): NsqdAddress[] {
  const { producers, data } = answer as { producers?: unknown; data?: { producers?: unknown } } // before 1.0 within data
  const list = producers ?? data?.producers
  return (Array.isArray(list) ? list : []).flatMap((producer: { broadcast_address?: unknown; tcp_port?: unknown } | null) => {
    const { broadcast_address: host, tcp_port: port } = producer ?? {}
    return typeof host === 'string' && host !== '' && isPort(port) ? [nsqdAddress(host, port)] : []
  })
}

// nsqjs dials in a later tick, where what node:net throws for another port would end the process.
function isPort(port: unknown): port is number {
  return Number.isInteger(port) && (port as number) > 0 && (port as number) < 65_536
}
