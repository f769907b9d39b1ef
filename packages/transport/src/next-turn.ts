/** Runs `task` in a later turn of the event loop, after I/O that is ready; where there is no setImmediate, by a message to itself. */
export const nextTurn: (task: () => void) => void = typeof setImmediate === 'function' ? setImmediate : viaMessages()

function viaMessages(): (task: () => void) => void {
  const tasks: (() => void)[] = []
  const { port1, port2 } = new MessageChannel()
  Object.assign(port1, { onmessage: () => tasks.shift()?.() }) // Node's types have no such property
  return (task) => {
    tasks.push(task)
    port2.postMessage(null)
  }
}
