/** Takes frames toward one party: a link, or the gateway itself. */
export interface FramePort {
  sendControl(bytes: Uint8Array, start?: number, end?: number): void
  readonly queuedBytes: number
  readonly sentBytes: number
  readonly handedBytes: number
}

/** Whoever asks and answers requests: a peer behind a link, or the gateway itself. The fields belong to the table of pending requests. */
export class Party {
  readonly port: FramePort
  /** Unanswered requests of this party. */
  asked = 0
  /** Unanswered requests toward this party. */
  owed = 0
  /** First slot of the list of its own requests; -1 = none. */
  firstAsked = -1
  /** First slot of the list of requests toward it; -1 = none. */
  firstOwed = -1
  /** Its request ids to slots; made by the first cancel or fragment, gone with the last request. */
  slotsById: Map<number, number> | undefined = undefined

  /** Bytes that may wait for it at the most. */
  readonly hardMarkBytes: number

  constructor(port: FramePort, hardMarkBytes: number) {
    this.port = port
    this.hardMarkBytes = hardMarkBytes
  }
}
