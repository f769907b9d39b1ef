import wire from 'nsqjs/lib/wire.js'
import { expect, it } from 'vitest'

import { publishCommand } from './publish-command.js'

it.each([
  ['one message', [Buffer.from('a')]],
  ['several', [Buffer.from('a'), Buffer.from(''), Buffer.alloc(3000, 'b')]],
])('makes of %s what the library would', (_what, bodies) => {
  const own = bodies.length === 1 ? wire.pub('to.pic#ephemeral', bodies[0]!) : wire.mpub('to.pic#ephemeral', bodies)
  expect(publishCommand('to.pic#ephemeral', bodies)).toEqual(own)
})
