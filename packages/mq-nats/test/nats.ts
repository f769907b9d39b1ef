import { readFileSync } from 'node:fs'
import net from 'node:net'

import type { BrokerSession, SessionEvents } from '@frontier/mq'
import { connect, type JetStreamManager, type NatsConnection, type StreamConfig } from 'nats'

import { natsDriver, type NatsBridgeOptions } from '../src/index.js'
import { told, unique, until } from './pending.js'

const from = (name: string): string => process.env[name] ?? ''

/** Addresses, by what `brokers env` calls them; '' = not here. */
export const plain: string = from('NATS_URL')
export const withUser: string = from('NATS_USER_URL')
export const withToken: string = from('NATS_TOKEN_URL')
export const withTls: string = from('NATS_TLS_URL')
export const three: string = from('NATS3_URLS')
export const login = { user: from('NATS_USER'), password: from('NATS_PASSWORD') }
export const token: string = from('NATS_TOKEN')

export function authority(): string {
  return readFileSync(from('BROKERS_CA'), 'utf8')
}

export function isMissing(name: string): string {
  return `${name} is not set: no such server to test with`
}

/** A message as the stream has it. */
export interface Stored {
  readonly subject: string
  readonly headers: Record<string, string>
  readonly data: string
}

/** The servers' own client, beside the driver. */
export class Other {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  readonly #streams: string[] = []

  private constructor(connection: NatsConnection, manager: JetStreamManager) {
    this.connection = connection
    this.manager = manager
  }

  static async connect(servers: string = plain): Promise<Other> {
    const connection = await connect({ servers: servers.split(','), maxReconnectAttempts: -1 })
    return new Other(connection, await connection.jetstreamManager())
  }

  /** A stream that takes what is below its name. */
  async stream(config: Partial<StreamConfig> = {}): Promise<string> {
    const name = unique('stream')
    await this.manager.streams.add({ name, subjects: [`${name}.>`], ...config })
    this.#streams.push(name)
    return name
  }

  /** Deletes this stream too in the end. */
  also(stream: string): string {
    this.#streams.push(stream)
    return stream
  }

  /** All that the stream has. */
  async read(stream: string): Promise<Stored[]> {
    const { state } = await this.manager.streams.info(stream)
    const stored: Stored[] = []
    if (state.messages === 0) return stored
    const consumer = await this.connection.jetstream().consumers.get(stream)
    for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 10_000 })) {
      const headers = Object.fromEntries([...(message.headers ?? [])].map(([name, values]) => [name, values[0] ?? '']))
      stored.push({ subject: message.subject, headers, data: message.string() })
      if (stored.length === state.messages) break
    }
    return stored
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stream of this.#streams) await this.manager.streams.delete(stream).catch(() => undefined)
    await this.connection.close()
  }
}

export function openDriver(options: Partial<NatsBridgeOptions> = {}, events: SessionEvents = told()): Promise<BrokerSession> {
  return natsDriver({ addresses: [plain], ...options }).open(events, AbortSignal.timeout(20_000))
}

/** Sockets and timers of this process. */
export function resources(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Timeout|Immediate/.test(kind)).length
}

/** Publishes with headers that no client library would send. */
export async function sendRaw(server: string, subject: string, headers: string, data: string): Promise<void> {
  const { hostname, port } = new URL(server)
  const socket = net.connect(Number(port), hostname)
  const answers: string[] = []
  socket.on('data', (bytes) => answers.push(bytes.toString()))
  socket.write(`CONNECT {"verbose":false,"headers":true}\r\nHPUB ${subject} ${headers.length} ${headers.length + data.length}\r\n${headers}${data}\r\nPING\r\n`)
  await until(() => answers.join('').includes('PONG'), 'the server has read it')
  socket.destroy()
}
