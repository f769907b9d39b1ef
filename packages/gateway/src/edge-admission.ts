import type { Peer, PeerInfo } from '@frontier/exchange'
import { isFrontierError } from '@frontier/wire'
import { Admission, type AdmissionStart } from './admission.js'
import type { IdGrant } from './edge-ids.js'
import type { OnlineRound } from './online-round.js'

/**
 * Lets an edge in: who it is, its id, the take-over of a live link with that id, the online hooks of the services, WELCOME. Without a service that gives
 * ids or has an online hook none of it waits.
 */
export class EdgeAdmission extends Admission {
  #round: OnlineRound | undefined = undefined

  constructor(start: AdmissionStart) {
    super(start, start.core.edgeClaims)
  }

  protected onIdentified(): void {
    const { wantedId, meta, labels } = this.hello
    const edge = { address: this.address, wantedId, meta, labels, identity: this.identity }
    this.core.edgeIds.decide(edge, this.resume?.id, (outcome) => {
      this.step(() => {
        if (isFrontierError(outcome)) throw outcome
        this.#granted(outcome)
      })
    })
  }

  protected onRefused(): void {
    this.#round?.abandon()
  }

  protected onEntered(peer: Peer): void {
    this.core.events.joined(peer, this.#round)
  }

  #granted({ id, isVouchedFor }: IdGrant): void {
    this.idInQuestion = id
    this.core.bans.checkEdge(id)
    this.claim(id, isVouchedFor || this.isResumed(id))
    const info = this.describe(id)
    this.#round = this.core.events.online(info, (refusal) => {
      this.#decided(info, refusal)
    })
    if (this.#round === undefined) this.enter(info)
  }

  #decided(info: PeerInfo, refusal: unknown): void {
    if (refusal !== undefined) {
      this.refuse(refusal)
      return
    }
    this.step(() => {
      // Banned while the services were asked, perhaps.
      this.core.bans.checkEdge(info.id)
      this.enter(info)
    })
  }
}
