import { MemoryFinder } from './memory-finder.js'
import { OnlineRegistry } from './online-registry.js'
import { Pacer } from './pacer.js'
import type { Registry, RegistryOptions } from './registry.js'

/** A registry in the memory of this process. */
export function createMemoryRegistry(options: RegistryOptions = {}): Registry {
  const pacer = new Pacer()
  return new OnlineRegistry(
    {
      edges: (roster) => new MemoryFinder(roster, pacer),
      services: (roster) => new MemoryFinder(roster, pacer),
      pacer,
      close: () => Promise.resolve(),
    },
    options,
  )
}
