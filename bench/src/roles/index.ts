import { rawCaller } from './raw-caller.js'
import { rawRequester } from './raw-requester.js'
import { rawResponder } from './raw-responder.js'
import { rawSink, rawSource } from './raw-stream.js'
import { rawStreamEnd } from './raw-stream-end.js'
import { relay } from './relay.js'
import type { CallerRole, MiddleRole, RawRequesterRole, RawResponderRole, RelayRole, RequesterRole, ResponderRole, SdkStreamEndRole, SinkRole, SlowPathRole, SourceRole, StreamEndRole } from './role.js'
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
  'raw-caller': Start<CallerRole>
  'raw-requester': Start<RawRequesterRole>
  'sdk-requester': Start<RequesterRole>
  'raw-responder': Start<RawResponderRole>
  'sdk-responder': Start<ResponderRole>
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
  'raw-caller': rawCaller,
  'raw-requester': rawRequester,
  'sdk-requester': sdkRequester,
  'raw-responder': rawResponder,
  'sdk-responder': sdkResponder,
  'raw-sink': rawSink,
  'sdk-sink': sdkSink,
  'raw-source': rawSource,
  'sdk-source': sdkSource,
  'raw-stream-end': rawStreamEnd,
  'sdk-stream-end': sdkStreamEnd,
  'slow-path': slowPath,
}
