import type { EdgeEntry, ServiceEntry } from './records.js'

/** An edge came or went. A take-over is an 'offline' of the old record and then an 'online' of the new one. */
export interface EdgePresenceEvent {
  type: 'online' | 'offline'
  role: 'edge'
  edge: EdgeEntry
}

/** A service came or went. */
export interface ServicePresenceEvent {
  type: 'online' | 'offline'
  role: 'service'
  service: ServiceEntry
}

/** A peer that is online took a name or gave it back. What it brings along and takes with it is in the entry of its presence event. */
export interface RegistrationEvent {
  type: 'registered' | 'unregistered'
  role: 'edge' | 'service'
  /** Edge or service id. */
  id: bigint
  kind: 'method' | 'topic'
  name: string
}

/** What watchers are told. */
export type RegistryEvent = EdgePresenceEvent | ServicePresenceEvent | RegistrationEvent

/** Told of every event in the order in which they happened, at once and on the caller's time: it must be quick. */
export type RegistryListener = (event: RegistryEvent) => void

/** How to watch by iteration. */
export interface WatchOptions {
  /** Ends the iteration, without an error. */
  signal?: AbortSignal | undefined
  /** How many events may wait for the iterator (16,384). */
  maxQueued?: number | undefined
}
