import type { Ban, ServiceBan, ServiceTarget } from '@frontier/controlplane'
import { BanList } from './ban-list.js'

/** Who is kept out of a gateway: edges by their ids, services by their ids and names. */
export class Bans {
  readonly #edges = new BanList<bigint>((id) => `edge ${id}`)
  readonly #services = new BanList<bigint>((id) => `service ${id}`)
  readonly #names = new BanList<string>((name) => `service ${JSON.stringify(name)}`)

  /** How many are in force. */
  get size(): number {
    return this.#edges.size + this.#services.size + this.#names.size
  }

  /** @throws PERMISSION_DENIED when the edge is banned. */
  checkEdge(edgeId: bigint): void {
    this.#edges.check(edgeId)
  }

  /** @throws PERMISSION_DENIED when the service is banned, by either. */
  checkService(serviceId: bigint, name: string): void {
    this.#services.check(serviceId)
    this.#names.check(name)
  }

  /** Adds or replaces. @throws RATE_LIMITED when there are too many. */
  banEdge({ edgeId, ...terms }: Ban): void {
    this.#edges.add(edgeId, terms)
  }

  /** As {@link banEdge}. */
  banService({ target, ...terms }: ServiceBan): void {
    if ('name' in target) this.#names.add(target.name, terms)
    else this.#services.add(target.serviceId, terms)
  }

  /** False = there was none in force. */
  unbanEdge(edgeId: bigint): boolean {
    return this.#edges.remove(edgeId)
  }

  /** As {@link unbanEdge}. */
  unbanService(target: ServiceTarget): boolean {
    return 'name' in target ? this.#names.remove(target.name) : this.#services.remove(target.serviceId)
  }

  /** Those of edges, by id. */
  ofEdges(): Ban[] {
    return this.#edges.list().map(([edgeId, terms]) => ({ edgeId, ...terms }))
  }

  /** Those of services: by name, then by id. */
  ofServices(): ServiceBan[] {
    const named = this.#names.list().map(([name, terms]) => ({ target: { name }, ...terms }))
    return [...named, ...this.#services.list().map(([serviceId, terms]) => ({ target: { serviceId }, ...terms }))]
  }
}
