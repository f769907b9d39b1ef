import { Party } from '../../../packages/exchange/dist/party.js'
import { PendingTable } from '../../../packages/exchange/dist/pending-table.js'
import { used, type MicroTask } from './micro-task.js'

const SIZES = [0, 512, 65_536] as const

function party(): Party {
  return new Party({ sendControl: () => undefined, queuedBytes: 0, sentBytes: 0, handedBytes: 0 }, 1)
}

/** A call in the gateway's table: it is entered, found by its answer, and leaves, while others wait. */
export const pending: readonly MicroTask[] = SIZES.map((size) => {
  const table = new PendingTable()
  const [source, target] = [party(), party()]
  for (let i = 0; i < size; i++) table.add(source, i, target, 0, 0)
  return {
    group: 'enter, find and remove a pending call',
    name: `beside ${size.toLocaleString('en-US')}`,
    run(count) {
      for (let i = 0; i < count; i++) {
        const slot = table.add(source, i, target, 0, 100)
        const found = table.find(table.id[slot]!, target)
        used.sum += found
        table.remove(found)
      }
    },
  }
})
