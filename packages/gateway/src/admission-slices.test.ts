import { describe, expect, it } from 'vitest'
import { eventually } from '../test/raw-peer.js'
import { AdmissionSlices } from './admission-slices.js'

describe('AdmissionSlices', () => {
  it('lets one who comes alone begin at once', () => {
    const slices = new AdmissionSlices()
    let begun = 0
    slices.add({ begin: () => begun++ })
    expect(begun).toBe(1)
    expect(slices.size).toBe(0)
  })

  it('lets many begin in their order, a few in each turn', async () => {
    const slices = new AdmissionSlices()
    const begun: number[] = []
    const inTurn: number[] = []
    let isNewTurn = true
    for (let index = 0; index < 200; index++) {
      slices.add({
        begin() {
          begun.push(index)
          if (isNewTurn) inTurn.push(0)
          isNewTurn = false
          setImmediate(() => (isNewTurn = true))
          inTurn[inTurn.length - 1]!++
        },
      })
    }
    expect(begun).toEqual([0])
    await eventually(() => begun.length === 200)
    expect(begun).toEqual(Array.from({ length: 200 }, (_, index) => index))
    expect(Math.max(...inTurn)).toBeLessThanOrEqual(32)
    expect(slices.size).toBe(0)
  })

  it('takes more while it is at it', async () => {
    const slices = new AdmissionSlices()
    const begun: string[] = []
    const late = { begin: (): unknown => begun.push('late') }
    for (const name of ['a', 'b', 'c']) {
      slices.add({
        begin() {
          begun.push(name)
          if (name === 'b') slices.add(late)
        },
      })
    }
    await eventually(() => begun.length === 4)
    expect(begun).toEqual(['a', 'b', 'c', 'late'])
  })
})
