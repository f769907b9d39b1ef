// nsqjs 0.13 in our hands: its two connection classes, and neither Writer nor Reader.
// - Writer never reconnects, and a publish on one that is closed would not be answered at all.
// - Reader takes a live connection out of its list when another one is refused (ReaderRdy.removeConnection splices at -1): that one is then neither balanced nor
//   closed. It also leaves connections open that are in the making, and it loads node-fetch 2, which warns on the console.
// What else the connection classes lack is made good here: a limit on connecting, nsqds that hang, a check of who the other side is, answers that are not nsqd's.
import { isIP } from 'node:net'
import { connect as connectTls, TLSSocket } from 'node:tls'

import { FrontierError } from '@frontier/wire'
import type nsqdConnection from 'nsqjs/lib/nsqdconnection.js'

import type { NsqdAddress } from './nsqd-address.js'
import { linkError } from './nsqd-fault.js'
import type { NsqTls } from './nsq-options.js'
import type { NsqSettings } from './resolve-options.js'

type Connection = InstanceType<typeof nsqdConnection.NSQDConnection>

/** What a link tells. */
export interface LinkEvents {
  /** It can be used. */
  onUp(): void
  /** It is over, or never came about. Once at most, and not when it was closed by us. */
  onDown(error: FrontierError): void
}

/** One connection to an nsqd, from the dialling to its end. */
export class NsqdLink<C extends Connection = Connection> {
  readonly connection: C
  readonly #address: NsqdAddress
  readonly #settings: NsqSettings
  readonly #events: LinkEvents
  #state: 'new' | 'up' | 'down' = 'new'
  #error: unknown
  #writes = 0
  #onFinished: (() => void) | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(connection: C, address: NsqdAddress, settings: NsqSettings, events: LinkEvents) {
    this.connection = connection
    this.#address = address
    this.#settings = settings
    this.#events = events
    this.#mend()
    connection.on('ready', () => this.#onReady())
    connection.on('error', (error: unknown) => (this.#error = error))
    connection.on('connection_error', () => undefined) // the same again
    connection.on('closed', () => this.#onClosed())
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  dial(): void {
    const { connectTimeoutMs } = this.#settings
    this.#timer = setTimeout(() => this.fail(new Error(`no answer within ${connectTimeoutMs} ms`)), connectTimeoutMs)
    this.connection.connect()
  }

  /** Ends it at once, and silently. */
  close(): void {
    this.#state = 'down'
    this.#hangUp()
  }

  /** Ends it as if its connection had gone, with `error` as the reason. */
  fail(error: unknown): void {
    this.#error = error
    this.#hangUp()
  }

  /** Tells nsqd to send nothing more. Resolves when it has said so, or after `timeoutMs`, or when the link is over. */
  finish(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#onFinished = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.isUp) this.connection.write('CLS\n')
      else this.#onFinished()
    })
  }

  #hangUp(): void {
    clearTimeout(this.#timer)
    this.connection.clearIdentifyTimeout()
    // There is no socket before the end of the turn in which it dials.
    if (this.connection.conn === null) process.nextTick(() => this.#hangUp())
    else this.connection.close()
  }

  #onReady(): void {
    const { tls, authSecret, heartbeatSeconds } = this.#settings
    const { conn, statemachine } = this.connection
    if (this.#state !== 'new') return
    if (tls !== undefined && !(conn instanceof TLSSocket)) {
      this.fail(this.#noTls())
      return
    }
    if (authSecret === undefined && statemachine.identifyResponse?.auth_required === true) {
      this.fail(new FrontierError('UNAUTHENTICATED', `nsqd at ${this.#address.name} wants an authSecret`))
      return
    }
    this.#state = 'up'
    clearTimeout(this.#timer)
    this.#watch(heartbeatSeconds * 1000)
    this.#events.onUp()
  }

  #onClosed(): void {
    clearTimeout(this.#timer)
    this.connection.clearIdentifyTimeout()
    this.#onFinished?.()
    if (this.#state === 'down') return
    this.#state = 'down'
    this.#events.onDown(linkError(this.#error ?? new Error('the connection was closed'), this.#address.name))
  }

  // nsqd sends a heartbeat in each interval, whatever else it sends. nsqjs answers them, but does not miss them.
  #watch(intervalMs: number): void {
    let last = this.connection.lastReceivedTimestamp
    let missed = 0
    this.#timer = setInterval(() => {
      const { lastReceivedTimestamp } = this.connection
      missed = lastReceivedTimestamp === last ? missed + 1 : 0
      last = lastReceivedTimestamp
      if (missed >= 2) this.fail(new Error('it is silent: no heartbeat came'))
    }, intervalMs)
  }

  #noTls(): FrontierError {
    return new FrontierError('INVALID_ARGUMENT', `nsqd at ${this.#address.name} has no TLS`)
  }

  #mend(): void {
    const { connection } = this
    const write = connection.write.bind(connection)
    connection.write = (data) => {
      if (this.#state === 'down' || connection.outWriter?.destroyed !== false) return
      // nsqjs goes on in the clear, secret included, when nsqd does not offer TLS. The magic bytes and IDENTIFY come before it.
      if (this.#settings.tls !== undefined && ++this.#writes > 2 && !(connection.outWriter instanceof TLSSocket)) this.fail(this.#noTls())
      else write(data)
    }
    const receiveData = connection.receiveData.bind(connection)
    connection.receiveData = (data) => {
      try {
        receiveData(data)
        if (this.#onFinished !== undefined && data.includes('CLOSE_WAIT')) this.#onFinished() // which nsqjs passes over
      } catch (error) {
        // It parses JSON that it expects; thrown from a socket's event it would end the process.
        this.fail(new Error('its answer is not one of nsqd', { cause: error }))
      }
    }
    connection.startTLS = () => this.#startTls()
  }

  // nsqjs gives neither the host's name nor its address to the check of the certificate: for an address Node then checks the name `localhost`.
  #startTls(): void {
    const { connection } = this
    const { tls = {} } = this.#settings
    const raw = connection.conn!
    for (const event of ['data', 'error', 'close']) raw.removeAllListeners(event)
    raw.on('error', () => undefined)
    const { host } = this.#address
    const serverName = tls.serverName ?? (isIP(host) === 0 ? host : undefined)
    const secure = connectTls({ socket: raw, host, ...(serverName !== undefined && { servername: serverName }), ...certificates(tls) }, () => {
      connection.conn = secure
    })
    connection.outWriter = secure
    connection.registerStreamListeners(secure)
  }
}

function certificates({ ca, cert, key, insecureSkipVerify }: NsqTls): { ca?: (string | Buffer)[]; cert?: string | Buffer; key?: string | Buffer; rejectUnauthorized: boolean } {
  return {
    ...(ca !== undefined && { ca: (typeof ca === 'string' || ca instanceof Uint8Array ? [ca] : ca).map(bytesOrText) }),
    ...(cert !== undefined && { cert: bytesOrText(cert) }),
    ...(key !== undefined && { key: bytesOrText(key) }),
    rejectUnauthorized: insecureSkipVerify !== true,
  }
}

function bytesOrText(pem: string | Uint8Array): string | Buffer {
  return typeof pem === 'string' ? pem : Buffer.from(pem)
}
