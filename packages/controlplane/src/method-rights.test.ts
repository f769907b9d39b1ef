import { expect, it } from 'vitest'

import { ControlPlane } from './gen/controlplane_pb.js'
import { Admin } from './gen/frontier/v1/admin_pb.js'
import { Health } from './gen/grpc/health/v1/health_pb.js'
import { rightOf } from './method-rights.js'

it('every method that changes something needs admin, and no other', () => {
  const admin = [...ControlPlane.methods, ...Admin.methods].filter((method) => rightOf(method) === 'admin').map(({ name }) => name)
  expect(admin).toEqual(['KickEdge', 'KickService', 'KickEdge', 'CallEdge', 'PublishEdge', 'KickService', 'BanEdge', 'UnbanEdge', 'BanService', 'UnbanService', 'Drain'])
  // A method that is new must be thought about: those that only look are named so.
  const reading = [...ControlPlane.methods, ...Admin.methods].filter((method) => rightOf(method) === 'read').map(({ name }) => name)
  expect(reading.filter((name) => !/^(List|Get|Watch)/.test(name))).toEqual([])
  expect(Health.methods.map(rightOf)).toEqual(['public', 'public'])
})
