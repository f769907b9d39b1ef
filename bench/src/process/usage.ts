/** What a process has used and holds. */
export interface Usage {
  /** User and system time of all its threads, in seconds. */
  readonly cpuSeconds: number
  readonly rssBytes: number
}
