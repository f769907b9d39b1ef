import type { Socket } from 'node:net'

/** Who deals with a socket's events: first whoever looks at its first bytes, then its pipe. */
export interface SocketOwner {
  onData(chunk: Uint8Array): void
  onFin(): void
  onDrain(): void
  onError(error: Error): void
  onClosed(): void
}

const owner: unique symbol = Symbol('owner')

type OwnedSocket = Socket & { [owner]?: SocketOwner }

// One function per event for all sockets: a closure each would cost every idle connection half a kilobyte.
function onData(this: OwnedSocket, chunk: Uint8Array): void {
  this[owner]?.onData(chunk)
}
function onFin(this: OwnedSocket): void {
  this[owner]?.onFin()
}
function onDrain(this: OwnedSocket): void {
  this[owner]?.onDrain()
}
function onError(this: OwnedSocket, error: Error): void {
  this[owner]?.onError(error)
}
function onClosed(this: OwnedSocket): void {
  this[owner]?.onClosed()
}

/** Gives a socket its owner and turns its events on; it reads from the next turn on unless it was paused. */
export function adoptSocket(socket: Socket, newOwner: SocketOwner): void {
  const owned: OwnedSocket = socket
  owned[owner] = newOwner
  owned.on('data', onData).on('end', onFin).on('drain', onDrain).on('error', onError).on('close', onClosed)
}

/** Hands an adopted socket to its next owner. */
export function passSocket(socket: Socket, newOwner: SocketOwner): void {
  const owned: OwnedSocket = socket
  owned[owner] = newOwner
}
