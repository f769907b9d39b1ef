import { closeRaw, connectRaw } from '../raw/connect.js'
import { Flood } from '../raw/flood.js'
import type { RawLink, RawSink } from '../raw/raw-link.js'
import { RequestRound } from '../raw/request-round.js'
import { TopicFlood } from '../raw/topic-flood.js'
import type { RequesterTarget } from '../request-load.js'
import type { RawRequesterRole } from './role.js'

const silent: RawSink = { onFrame: () => undefined }

/** Edges or a service that ask by raw frames. */
export function rawRequester(): RawRequesterRole {
  let links: RawLink[] = []
  let target: RequesterTarget | undefined
  let nextId = 1
  let flood: Flood | undefined
  let topicFlood: TopicFlood | undefined
  return {
    info: null,
    commands: {
      async connect(to) {
        target = to
        links = await connectRaw({ port: to.port, handshake: to.bare ? 'bare' : to.role, ca: to.ca }, to.links, silent)
      },
      async run(load) {
        const round = new RequestRound(links, target!, load, nextId)
        flood?.stepIn()
        const outcome = await round.run()
        nextId = round.nextId
        return outcome
      },
      flood(load) {
        flood = new Flood(links[0]!, load)
      },
      flooded() {
        return (topicFlood ?? flood)!.counts
      },
      floodTopic(load) {
        topicFlood = new TopicFlood(links, load)
      },
      endFlood() {
        topicFlood?.stop()
      },
      async disconnect() {
        flood?.stop()
        flood = undefined
        await closeRaw(links)
        links = []
      },
    },
  }
}
