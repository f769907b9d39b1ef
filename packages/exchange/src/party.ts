/** Takes frames toward one party: a link, or the gateway itself. */
export interface FramePort {
  sendControl(bytes: Uint8Array, start?: number, end?: number): void
  readonly queuedBytes: number
  readonly sentBytes: number
  readonly handedBytes: number
}

/** Whoever asks and answers requests: a peer behind a link, or the gateway itself. The counts and lists belong to the table of pending requests. */
export class Party {
  readonly port: FramePort
  /** Requests of this party that it still waits for. */
  asked = 0
  /** Requests of this party that take up a receiver's place: those it waits for, and those it cancelled that were not answered yet. */
  held = 0
  /** Unanswered requests toward this party. */
  owed = 0
  /** First slot of the list of its own requests; -1 = none. */
  firstAsked = -1
  /** First slot of the list of requests toward it; -1 = none. */
  firstOwed = -1
  /** Its request ids to slots; made by a cancel or a fragment, gone when there are no requests, or no more cancels. */
  slotsById: Map<number, number> | undefined = undefined
  /** Requests since `slotsById` was last asked. */
  requestsSinceLookup = 0
  /** Who holds how many of its places; made when somebody may hold too many, gone when half of them are free. */
  heldBy: Map<Party, number> | undefined = undefined
  /** `heldBy` goes when fewer requests than this are owed. */
  heldByFloor = 0

  /** Bytes that may wait for it at the most. */
  readonly hardMarkBytes: number

  constructor(port: FramePort, hardMarkBytes: number) {
    this.port = port
    this.hardMarkBytes = hardMarkBytes
  }
}
