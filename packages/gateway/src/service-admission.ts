import type { Peer } from '@frontier/exchange'
import { Admission, type AdmissionStart } from './admission.js'

/** Lets a service in: who it is, its id, WELCOME, and who is online already if it wants to know. */
export class ServiceAdmission extends Admission {
  constructor(start: AdmissionStart) {
    super(start, start.core.serviceClaims)
  }

  protected onIdentified(): void {
    const { core, hello, claims } = this
    const id = hello.wantedId ?? this.resume?.id ?? core.allotter.next((taken) => claims.isTaken(taken))
    this.idInQuestion = id
    core.bans.checkService(id, hello.name)
    this.claim(id, this.isResumed(id))
    this.enter(this.describe(id))
  }

  protected onRefused(): void {
    // Nobody was told of it.
  }

  protected onEntered(peer: Peer): void {
    this.core.serviceEntered(peer, this.hello.wantsSnapshot)
  }
}
