import { TOPIC } from './broker-kind.js'

/** Called once, when the broker has acknowledged a message, or with why it has not. */
export type Acknowledged = (error?: unknown) => void

/** A broker's client library without anything of ours around it, used as well as it can be. */
export interface BrokerClient {
  /** Publishes a message as the bridge would, from the edge of that number: what keeps its messages in order. */
  publish(edge: number, data: Buffer, acknowledged: Acknowledged): void
  close(): Promise<void>
}

/** Connects to a broker, having made the topic, stream or queue. */
export type ConnectBroker = (addresses: readonly string[]) => Promise<BrokerClient>

/** A message that waits for its batch. */
export interface Queued {
  readonly edge: number
  readonly data: Buffer
  readonly acknowledged: Acknowledged
}

/** The id of an edge, as long as those that the gateway allots. */
export function idOf(edge: number): string {
  return String(1_000_000_000_000_000_000n + BigInt(edge))
}

/** Headers that the bridge gives each message. */
export function headersOf(edge: number): { 'frontier-edge-id': string; 'frontier-topic': string } {
  return { 'frontier-edge-id': idOf(edge), 'frontier-topic': TOPIC }
}

/** Acknowledges all messages of a batch. */
export function settleAll(batch: readonly Queued[], error?: unknown): void {
  for (const { acknowledged } of batch) acknowledged(error)
}
