// The parts of nsqjs 0.13 that its own types leave out. Its Writer and Reader are thin covers of these two; see nsqd-link.ts for why they are not used.
declare module 'nsqjs/lib/nsqdconnection.js' {
  import type { EventEmitter } from 'node:events'
  import type { Socket } from 'node:net'

  interface ConnectionOptions {
    readonly authSecret?: string
    readonly tls?: boolean
    /** Seconds. */
    readonly heartbeatInterval?: number
    /** Milliseconds, unlike the one before. */
    readonly messageTimeout?: number
    readonly outputBufferTimeout?: number
  }

  class NSQDConnection extends EventEmitter {
    constructor(host: string, port: number, topic: string, channel: string, options: ConnectionOptions)
    /** Null until the turn after connect(). */
    conn: Socket | null
    outWriter: Socket | null
    statemachine: { readonly identifyResponse: { readonly auth_required?: boolean } | null }
    /** Changes whenever bytes come. */
    lastReceivedTimestamp: number | null
    /** What nsqd said: milliseconds. */
    msgTimeout: number
    connect(): void
    close(): void
    write(data: Buffer | string): void
    receiveData(data: Buffer): void
    startTLS(callback?: () => void): void
    registerStreamListeners(socket: Socket): void
    clearIdentifyTimeout(): void
    setRdy(count: number): void
  }

  interface WriterNSQDConnection extends NSQDConnection {
    /** Of commands that publish, in their order: the first hears of the next answer, all of them of the end. */
    messageCallbacks: ((error: Error | null) => void)[]
  }

  const nsqdConnection: {
    readonly NSQDConnection: typeof NSQDConnection
    readonly WriterNSQDConnection: new (host: string, port: number, options: ConnectionOptions) => WriterNSQDConnection
  }
  export default nsqdConnection
}

// What the library makes of messages, for comparison.
declare module 'nsqjs/lib/wire.js' {
  const wire: {
    pub(topic: string, body: Buffer): Buffer
    mpub(topic: string, bodies: readonly Buffer[]): Buffer
  }
  export default wire
}
