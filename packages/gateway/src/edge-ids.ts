import { FrontierError } from '@frontier/wire'
import type { NewEdgeFacts } from './edge-facts.js'
import type { IdAllotter } from './id-allotter.js'
import type { IdService } from './id-service.js'

/** Whether edges get ids when no service gives any: `until_seen` = until the first service that gives ids has come. */
export type EdgeIdAllocation = boolean | 'until_seen'

/** The id of an edge, and whether a service vouches for it: then it may take the id over from a live link. */
export interface IdGrant {
  id: bigint
  isVouchedFor: boolean
}

/** What {@link EdgeIds} needs. */
export interface EdgeIdsOptions {
  allocation: EdgeIdAllocation
  idService: IdService
  allotter: IdAllotter
  /** Whether an id is live, or somebody is being let in with it. */
  isTaken: (id: bigint) => boolean
}

/** Decides which id an edge gets. Whether it may have it, when somebody else does, is decided by {@link IdClaims}. */
export class EdgeIds {
  readonly #options: EdgeIdsOptions

  constructor(options: EdgeIdsOptions) {
    this.#options = options
  }

  /**
   * The id for `edge`: a service's decision when one gives ids, else the one it wants, the one it can prove to have had, or a new one.
   * @throws, or rejects with, SERVICE_NOT_ONLINE when there should be a service that gives ids and is not, and what the service answered.
   */
  decide(edge: NewEdgeFacts, resumedId: bigint | undefined): IdGrant | Promise<IdGrant> {
    const { idService } = this.#options
    if (!idService.isOnline) return this.#decideAlone(edge, resumedId)
    idService.hasBeenSeen = true
    return this.#ask(edge, resumedId)
  }

  async #ask(edge: NewEdgeFacts, resumedId: bigint | undefined): Promise<IdGrant> {
    const id = await this.#options.idService.ask(edge)
    return id === undefined ? this.#decideAlone(edge, resumedId) : { id, isVouchedFor: true }
  }

  #decideAlone(edge: NewEdgeFacts, resumedId: bigint | undefined): IdGrant {
    const { allocation, idService, allotter, isTaken } = this.#options
    if (allocation === false || (allocation === 'until_seen' && idService.hasBeenSeen)) {
      throw new FrontierError('SERVICE_NOT_ONLINE', 'no service that gives edges their ids is online')
    }
    return { id: edge.wantedId ?? resumedId ?? allotter.next(isTaken), isVouchedFor: false }
  }
}
