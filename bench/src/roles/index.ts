import { brokerPublisher } from './broker-publisher.js'
import { idService } from './id-service.js'
import { idleEdges } from './idle-edges.js'
import { natsServer } from './nats-server.js'
import { prober } from './prober.js'
import { rawCaller } from './raw-caller.js'
import { rawRequester } from './raw-requester.js'
import { rawResponder } from './raw-responder.js'
import { rawSink, rawSource } from './raw-stream.js'
import { rawStreamEnd } from './raw-stream-end.js'
import { relay } from './relay.js'
import type { BrokerPublisherRole, CallerRole, ForeignServerRole, IdleEdgesRole, IdServiceRole, MiddleRole, ProberRole, RawRequesterRole, RawResponderRole, RelayRole, RequesterRole, ResponderRole, SdkStreamEndRole, SinkRole, SlowPathRole, SourceRole, StreamEndRole } from './role.js'
import { sdkRequester } from './sdk-requester.js'
import { sdkResponder } from './sdk-responder.js'
import { sdkSink, sdkSource } from './sdk-stream.js'
import { sdkStreamEnd } from './sdk-stream-end.js'
import { slowPath } from './slow-path.js'
import { splice } from './splice.js'
import { tlsRelay } from './tls-relay.js'

/** Begins a role with what is told on its command line. */
export type Start<Role> = (...args: string[]) => Role | Promise<Role>

/** What worker processes can be, and how each begins. */
export interface Roles {
  relay: Start<RelayRole>
  'tls-relay': Start<RelayRole>
  splice: Start<MiddleRole>
  'nats-server': Start<ForeignServerRole>
  'socket-io-relay': Start<MiddleRole>
  'ws-relay': Start<MiddleRole>
  'raw-caller': Start<CallerRole>
  'raw-requester': Start<RawRequesterRole>
  'sdk-requester': Start<RequesterRole>
  'nats-requester': Start<RequesterRole>
  'socket-io-requester': Start<RequesterRole>
  'ws-requester': Start<RequesterRole>
  'raw-responder': Start<RawResponderRole>
  'sdk-responder': Start<ResponderRole>
  'nats-responder': Start<ResponderRole>
  'socket-io-responder': Start<ResponderRole>
  'ws-responder': Start<ResponderRole>
  'broker-publisher': Start<BrokerPublisherRole>
  'id-service': Start<IdServiceRole>
  'idle-edges': Start<IdleEdgesRole>
  prober: Start<ProberRole>
  'raw-sink': Start<SinkRole>
  'sdk-sink': Start<SinkRole>
  'raw-source': Start<SourceRole>
  'sdk-source': Start<SourceRole>
  'raw-stream-end': Start<StreamEndRole>
  'sdk-stream-end': Start<SdkStreamEndRole>
  'slow-path': Start<SlowPathRole>
}

/** The name of a role. */
export type RoleName = keyof Roles

/** The roles by name. The clients and servers of peers are loaded by those only who play them: each takes longer than everything else here. */
export const roles: Roles = {
  relay,
  'tls-relay': tlsRelay,
  splice,
  'nats-server': natsServer,
  'socket-io-relay': async () => (await import('./socket-io-relay.js')).socketIoRelay(),
  'ws-relay': async () => (await import('./ws-relay.js')).wsRelay(),
  'raw-caller': rawCaller,
  'raw-requester': rawRequester,
  'sdk-requester': sdkRequester,
  'nats-requester': async () => (await import('./nats-ends.js')).natsRequester(),
  'socket-io-requester': async () => (await import('./socket-io-ends.js')).socketIoRequester(),
  'ws-requester': async () => (await import('./ws-ends.js')).wsRequester(),
  'raw-responder': rawResponder,
  'sdk-responder': sdkResponder,
  'nats-responder': async () => (await import('./nats-ends.js')).natsResponder(),
  'socket-io-responder': async () => (await import('./socket-io-ends.js')).socketIoResponder(),
  'ws-responder': async () => (await import('./ws-ends.js')).wsResponder(),
  'broker-publisher': brokerPublisher,
  'id-service': idService,
  'idle-edges': idleEdges,
  prober,
  'raw-sink': rawSink,
  'sdk-sink': sdkSink,
  'raw-source': rawSource,
  'sdk-source': sdkSource,
  'raw-stream-end': rawStreamEnd,
  'sdk-stream-end': sdkStreamEnd,
  'slow-path': slowPath,
}
