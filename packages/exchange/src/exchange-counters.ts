/** What went through an exchange, and what did not: plain numbers, read out when somebody asks. */
export class ExchangeCounters {
  calls = 0
  messages = 0
  answers = 0
  fragments = 0
  streamsOpened = 0
  streamsRefused = 0
  /** Requests answered BUFFER_FULL by the gateway. */
  bufferFull = 0
  /** Requests nobody could be found for. */
  notOnline = 0
  expired = 0
  /** At-most-once messages that were not passed on. */
  dropped = 0
  /** Requests that a service's end sent to the next one. */
  rerouted = 0
  /** Peers closed with SLOW_CONSUMER. */
  slowConsumers = 0
  /** Streams that lost their right to go on: credit or queue exceeded. */
  streamViolations = 0
}
