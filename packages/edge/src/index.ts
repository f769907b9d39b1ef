export { connectEdge } from './connect-edge.js'
export type { EdgeOptions } from './connect-edge.js'
export type { Edge } from './edge.js'
export { errorCodes, FrontierError, isFrontierError, json } from '@frontier/geminio'
export type {
  Bytes,
  CallOptions,
  CloseReason,
  Content,
  End,
  EndState,
  FrontierErrorCode,
  FrontierErrorDetails,
  Handler,
  HandlerResult,
  Id,
  LinkOptions,
  Message,
  MessageHandler,
  OpenStreamOptions,
  PublishOptions,
  ReconnectOptions,
  Reply,
  Request,
  Status,
  Stream,
  StreamHandler,
  StreamHandlerOptions,
  StreamInfo,
  TokenSource,
  WaitOptions,
} from '@frontier/geminio'
