/** Something that has bytes to write at the end of this turn of the event loop. */
export interface Flushable {
  flush(): void
}

let waiting: Flushable[] = []

/** `link.flush()` is called at the end of this turn; one immediate serves all links. */
export function flushAfterTurn(link: Flushable): void {
  if (waiting.push(link) === 1) setImmediate(flushAll)
}

function flushAll(): void {
  const links = waiting
  waiting = []
  for (const link of links) link.flush()
}
