import { Party } from '../../../packages/exchange/dist/party.js'
import { PendingTable } from '../../../packages/exchange/dist/pending-table.js'
import { DeadlineEntry, DeadlineWheel } from '../../../packages/geminio/dist/deadline-wheel.js'
import { used, type MicroTask } from './micro-task.js'

const SIZES = [1000, 65_536, 1_048_576] as const
const TICK_MS = 25
const NEVER_MS = 1e12

class Entry extends DeadlineEntry {
  onDeadline(): void {
    used.sum++
  }
}

/** Looking for what is due: the gateway looks at a flat array four times a second, the SDKs have a wheel (docs/decisions/deadlines-by-scan.md). */
export const deadlines: readonly MicroTask[] = [...SIZES.map(scan), ...SIZES.map(tick), ...SIZES.map(enter)]

function named(size: number): string {
  return `with ${size.toLocaleString('en-US')}`
}

function scan(size: number): MicroTask {
  const table = new PendingTable()
  const party = new Party({ sendControl: () => undefined, queuedBytes: 0, sentBytes: 0, handedBytes: 0 }, 1)
  for (let i = 0; i < size; i++) table.add(party, i, party, 0, 1_000_000)
  return {
    group: 'deadlines: one scan, four a second',
    name: named(size),
    run(count) {
      for (let i = 0; i < count; i++) table.forEachExpired(1, () => used.sum++)
    },
  }
}

/** A wheel on a clock that is turned by hand. */
function wheelOf(size: number): { wheel: DeadlineWheel; turn: () => void } {
  let now = 0
  let advance = (): void => undefined
  const wheel = new DeadlineWheel({
    now: () => now,
    every(_intervalMs, run) {
      advance = run
      return () => undefined
    },
  })
  for (let i = 0; i < size; i++) {
    const entry = new Entry()
    entry.deadline = NEVER_MS + i * TICK_MS
    wheel.add(entry)
  }
  return {
    wheel,
    turn: () => {
      now += TICK_MS
      advance()
    },
  }
}

function tick(size: number): MicroTask {
  const { turn } = wheelOf(size)
  return {
    group: 'deadlines: one tick of the wheel, forty a second',
    name: named(size),
    run(count) {
      for (let i = 0; i < count; i++) turn()
    },
  }
}

function enter(size: number): MicroTask {
  const { wheel } = wheelOf(size)
  const entry = new Entry()
  return {
    group: 'deadlines: enter and leave the wheel, once a call',
    name: named(size),
    run(count) {
      for (let i = 0; i < count; i++) {
        entry.deadline = 30_000 + (i & 1023)
        wheel.add(entry)
        wheel.remove(entry)
      }
    },
  }
}
