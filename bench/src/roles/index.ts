import { natsRequester, natsResponder } from './nats-ends.js'
import { natsServer } from './nats-server.js'
import { rawCaller } from './raw-caller.js'
import { rawRequester } from './raw-requester.js'
import { rawResponder } from './raw-responder.js'
import { rawSink, rawSource } from './raw-stream.js'
import { rawStreamEnd } from './raw-stream-end.js'
import { relay } from './relay.js'
import type { CallerRole, ForeignServerRole, MiddleRole, RawRequesterRole, RawResponderRole, RelayRole, RequesterRole, ResponderRole, SdkStreamEndRole, SinkRole, SlowPathRole, SourceRole, StreamEndRole } from './role.js'
import { sdkRequester } from './sdk-requester.js'
import { sdkResponder } from './sdk-responder.js'
import { sdkSink, sdkSource } from './sdk-stream.js'
import { sdkStreamEnd } from './sdk-stream-end.js'
import { slowPath } from './slow-path.js'
import { socketIoRequester, socketIoResponder } from './socket-io-ends.js'
import { socketIoRelay } from './socket-io-relay.js'
import { splice } from './splice.js'
import { tlsRelay } from './tls-relay.js'
import { wsRequester, wsResponder } from './ws-ends.js'
import { wsRelay } from './ws-relay.js'

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

/** The roles by name. */
export const roles: Roles = {
  relay,
  'tls-relay': tlsRelay,
  splice,
  'nats-server': natsServer,
  'socket-io-relay': socketIoRelay,
  'ws-relay': wsRelay,
  'raw-caller': rawCaller,
  'raw-requester': rawRequester,
  'sdk-requester': sdkRequester,
  'nats-requester': natsRequester,
  'socket-io-requester': socketIoRequester,
  'ws-requester': wsRequester,
  'raw-responder': rawResponder,
  'sdk-responder': sdkResponder,
  'nats-responder': natsResponder,
  'socket-io-responder': socketIoResponder,
  'ws-responder': wsResponder,
  'raw-sink': rawSink,
  'sdk-sink': sdkSink,
  'raw-source': rawSource,
  'sdk-source': sdkSource,
  'raw-stream-end': rawStreamEnd,
  'sdk-stream-end': sdkStreamEnd,
  'slow-path': slowPath,
}
