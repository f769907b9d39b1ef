export { connectService } from './connect-service.js'
export type { ServiceOptions } from './connect-service.js'
export type { EdgeInfo, EdgeOfflineHandler, EdgeOnlineHandler, GetEdgeIdHandler, Hooks, NewEdge } from './hooks.js'
export type { EdgePublishOptions, Service } from './service.js'
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
