import { rawCaller } from './raw-caller.js'
import { rawResponder } from './raw-responder.js'
import { rawSink, rawSource } from './raw-stream.js'
import { rawStreamEnd } from './raw-stream-end.js'
import { relay } from './relay.js'
import type { CallerRole, MiddleRole, ResponderRole, SdkStreamEndRole, SinkRole, SlowPathRole, SourceRole, StreamEndRole } from './role.js'
import { sdkCaller } from './sdk-caller.js'
import { sdkResponder } from './sdk-responder.js'
import { sdkSink, sdkSource } from './sdk-stream.js'
import { sdkStreamEnd } from './sdk-stream-end.js'
import { slowPath } from './slow-path.js'
import { splice } from './splice.js'

type Start<Role> = () => Role | Promise<Role>

/** What worker processes can be, and how each begins. */
export interface Roles {
  relay: Start<MiddleRole>
  splice: Start<MiddleRole>
  'raw-caller': Start<CallerRole>
  'sdk-caller': Start<CallerRole>
  'raw-responder': Start<ResponderRole>
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
  splice,
  'raw-caller': rawCaller,
  'sdk-caller': sdkCaller,
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
