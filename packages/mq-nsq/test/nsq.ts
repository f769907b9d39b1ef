import { get, request } from 'node:http'

import type { BrokerSession, SessionEvents } from '@frontier/mq'
import type { FrontierError } from '@frontier/wire'
import { Reader, type Message } from 'nsqjs'

import { type NsqBridgeOptions, nsqDriver } from '../src/index.js'

export const nsqds: readonly string[] = process.env['NSQD_TCP']?.split(',') ?? []
export const missing = 'NSQD_TCP (and NSQD_HTTP, with the same order) is not set: no NSQ to test with'
const https: readonly string[] = process.env['NSQD_HTTP']?.split(',') ?? []

let count = 0
const topics: string[] = []
export function uniqueTopic(): string {
  const topic = `frontier_test_${process.pid}_${++count}`
  topics.push(topic)
  return topic
}

export async function deleteTopics(): Promise<void> {
  for (const topic of topics.splice(0)) for (const host of https) await post(`http://${host}/topic/delete?topic=${topic}`)
}

/** Makes a topic's channel there, so that messages are kept for it from now on. */
export async function makeChannel(topic: string, channel = 'frontier', host: string = https[0]!): Promise<void> {
  await post(`http://${host}/topic/create?topic=${topic}`)
  await post(`http://${host}/channel/create?topic=${topic}&channel=${channel}`)
}

/** Publishes by HTTP. */
export function post(url: string, body: string | Buffer = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const posting = request(url, { method: 'POST', agent: false }, (response) => {
      response.resume().on('end', resolve)
    })
    posting.on('error', reject).end(body)
  })
}

export function publishByHttp(topic: string, body: string | Buffer, at = 0): Promise<void> {
  return post(`http://${https[at]}/pub?topic=${topic}`, body)
}

/** Messages that a topic, or its channel, has at one nsqd. */
export async function depth(topic: string, at = 0, channel?: string): Promise<number> {
  const text = await new Promise<string>((resolve, reject) => {
    get(`http://${https[at]}/stats?format=json&topic=${topic}`, { agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString())).on('end', () => resolve(body))
    }).on('error', reject)
  })
  const { topics: found } = JSON.parse(text) as { topics: { depth: number; channels: { channel_name: string; depth: number; in_flight_count: number; deferred_count: number }[] }[] }
  if (channel === undefined) return found[0]?.depth ?? 0
  const stats = found[0]?.channels.find(({ channel_name: name }) => name === channel)
  return stats === undefined ? 0 : stats.depth + stats.in_flight_count + stats.deferred_count
}

/** Reads `number` messages by the library's own Reader. */
export async function readBack(topic: string, number: number, from: readonly string[] = nsqds): Promise<Buffer[]> {
  const reader = new Reader(topic, 'read_back', { nsqdTCPAddresses: [...from], maxInFlight: 1000 })
  const got: Buffer[] = []
  reader.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    reader.on('message', (message: Message) => {
      got.push(message.body)
      message.finish()
      if (got.length === number) resolve()
    })
    reader.connect()
  })
  await new Promise((resolve) => setTimeout(resolve, 50)) // the last FIN
  reader.close()
  return got
}

/** What a session told. */
export interface Told extends SessionEvents {
  readonly lost: FrontierError[]
  readonly troubles: FrontierError[]
}

export function told(): Told {
  const events: Told = {
    lost: [],
    troubles: [],
    onLost: (error) => events.lost.push(error),
    onTrouble: (error) => events.troubles.push(error),
    onRecovered: () => undefined,
  }
  return events
}

export function openDriver(options: Partial<NsqBridgeOptions>, events: SessionEvents = told()): Promise<BrokerSession> {
  return nsqDriver({ addresses: nsqds, ...options }).open(events, AbortSignal.timeout(10_000))
}
