import type { Status } from '@frontier/edge'
import { eventually } from './eventually.js'

/** What an end told of itself, in order. */
export interface StatusLog {
  readonly all: Status[]
  readonly types: string[]
  /** For `onStatus`. */
  readonly listen: (status: Status) => void
  /** Waits for the `count`th status of `type`. */
  wait<T extends Status['type']>(type: T, count?: number): Promise<Extract<Status, { type: T }>>
}

/** One that has heard nothing yet. */
export function statusLog(): StatusLog {
  const all: Status[] = []
  return {
    all,
    get types() {
      return all.map(({ type }) => type)
    },
    listen: (status) => void all.push(status),
    wait: <T extends Status['type']>(type: T, count = 1) =>
      eventually(`status ${type}, ${count} times`, () => all.filter((status): status is Extract<Status, { type: T }> => status.type === type)[count - 1]),
  }
}
