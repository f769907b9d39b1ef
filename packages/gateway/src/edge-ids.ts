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

/** Hears of the id, or why there is none. */
export type GrantDone = (outcome: IdGrant | FrontierError) => void

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
   * Tells `done`, at once or later, the id for `edge`: a service's decision when one gives ids, else the one it wants, the one it can prove to have had, or a new
   * one. An error is SERVICE_NOT_ONLINE when there should be a service that gives ids and is not, or what the service answered.
   */
  decide(edge: NewEdgeFacts, resumedId: bigint | undefined, done: GrantDone): void {
    const { idService } = this.#options
    if (!idService.isOnline) {
      this.#decideAlone(edge, resumedId, done)
      return
    }
    idService.hasBeenSeen = true
    idService.ask(edge, (error, id) => {
      if (error !== undefined) done(error)
      else if (id === undefined) this.#decideAlone(edge, resumedId, done)
      else done({ id, isVouchedFor: true })
    })
  }

  #decideAlone(edge: NewEdgeFacts, resumedId: bigint | undefined, done: GrantDone): void {
    const { allocation, idService, allotter, isTaken } = this.#options
    if (allocation === false || (allocation === 'until_seen' && idService.hasBeenSeen)) {
      done(new FrontierError('SERVICE_NOT_ONLINE', 'no service that gives edges their ids is online'))
      return
    }
    done({ id: edge.wantedId ?? resumedId ?? allotter.next(isTaken), isVouchedFor: false })
  }
}
