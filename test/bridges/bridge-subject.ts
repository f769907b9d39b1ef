import type { Bridge } from '@frontier/exchange'
import type { BridgeOptions } from '@frontier/mq'

/** A broker process that a test has for itself. */
export interface BrokerProcess {
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT: sockets stay open, nobody answers. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** Starts it again, with the data it had. Resolves when it answers. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A message as the broker's own client reads it. */
export interface ReadMessage {
  readonly data: string
  readonly key?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** One broker, and what its own client sees of it. */
export interface BrokerUnderTest extends AsyncDisposable {
  readonly process: BrokerProcess
  /** A bridge to it. */
  bridge(options: BridgeOptions): Bridge
  /** The same with a password that is not taken. */
  strangerBridge?(options: BridgeOptions): Bridge
  /** Makes a topic, queue, subject or stream exist, and reads what comes into it from now on. */
  reader(target: string): Promise<BrokerReader>
  /** Sends a message with the broker's own client, for bridges that consume. */
  feed?(target: string, message: ReadMessage): Promise<void>
}

/** What came into one target. */
export interface BrokerReader {
  /** All of it so far, in order. */
  readonly messages: readonly ReadMessage[]
  /** Resolves when all that is in the broker was read, after a restart too. */
  settle(): Promise<void>
}

/** What the suite has to know of a kind of broker. */
export interface BridgeSubject {
  readonly name: string
  /** Why it cannot be tested here; undefined = it can. */
  readonly missing: string | undefined
  start(): Promise<BrokerUnderTest>
  /** What an acknowledgement says: the broker has it once, once at least, or nothing. */
  readonly guarantee: 'once' | 'at-least-once' | 'none'
  /** There is a `strangerBridge`. */
  readonly asksForPassword: boolean
  /** There is a `feed`. */
  readonly canBeConsumed: boolean
  readonly hasHeaders: boolean
  readonly hasKey: boolean
  /** How many messages its end is in the middle of, where 20,000 take too long. */
  readonly publishes?: number
  /** Bytes of a message that the broker, as configured, does not take. */
  readonly tooLargeBytes: number
  /** A topic that breaks the broker's rules. */
  readonly badTopic: string
  /** A topic that keeps to them, and that the broker does not have; undefined where there is no such thing. */
  readonly missingTopic?: string
  /** A target that fits the broker's rules, made of a word. */
  target(word: string): string
}
