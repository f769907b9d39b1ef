import { expect, it } from 'vitest'
import { StreamAcceptance } from './stream-acceptance.js'

it('ends iterations with the end, those that were begun afterwards, too', async () => {
  const acceptance = new StreamAcceptance()
  const waiting = acceptance.streams()[Symbol.asyncIterator]().next()
  acceptance.end()
  expect(await waiting).toEqual({ done: true, value: undefined })
  for (let round = 0; round < 2; round++) {
    const late = acceptance.streams()[Symbol.asyncIterator]()
    expect(await late.next()).toEqual({ done: true, value: undefined })
  }
})
