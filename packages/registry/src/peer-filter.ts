import { toBytes } from '@frontier/wire'

import type { EdgeFilter, PeerFilter, ServiceFilter } from './query.js'
import type { EdgeRecord, ServiceRecord } from './records.js'

/** What edges and services have in common. */
export type PeerRecord = Pick<EdgeRecord, 'address' | 'at' | 'labels' | 'methods'>

/** Whether a record fits one condition. */
export type Test<R> = (record: R) => boolean

/** The conditions of `filter` that have to be tried on each record. Ids and names are not among them: there are indexes for those. */
export function edgeTests(filter: EdgeFilter): Test<EdgeRecord>[] {
  const tests: Test<EdgeRecord>[] = peerTests(filter)
  const prefix = toBytes(filter.metaPrefix)
  if (prefix.length > 0) tests.push(({ meta }) => startsWith(meta, prefix))
  const part = toBytes(filter.metaContains)
  if (part.length > 0) tests.push(({ meta }) => Buffer.from(meta.buffer, meta.byteOffset, meta.length).includes(Buffer.from(part)))
  return tests
}

/** As {@link edgeTests}. */
export function serviceTests(filter: ServiceFilter): Test<ServiceRecord>[] {
  const tests: Test<ServiceRecord>[] = peerTests(filter)
  const { namePrefix = '' } = filter
  if (namePrefix !== '') tests.push(({ name }) => name.startsWith(namePrefix))
  return tests
}

function peerTests(filter: PeerFilter): Test<PeerRecord>[] {
  const tests: Test<PeerRecord>[] = []
  const { addressPrefix = '', labels = {}, startAt = -Infinity, endAt = Infinity } = filter
  if (addressPrefix !== '') tests.push(({ address }) => address.startsWith(addressPrefix))
  if (startAt > -Infinity) tests.push(({ at }) => at >= startAt)
  if (endAt < Infinity) tests.push(({ at }) => at < endAt)
  for (const [label, value] of Object.entries(labels)) {
    tests.push(({ labels: own }) => Object.hasOwn(own, label) && own[label] === value)
  }
  return tests
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false
  for (let at = 0; at < prefix.length; at++) if (bytes[at] !== prefix[at]) return false
  return true
}
