export type { AccessRole, CertificateGrant, TokenGrant } from './access.js'
export type {
  Ban,
  BanTerms,
  BridgeEntry,
  ControlPlaneBackend,
  EdgeReply,
  EdgeRequest,
  EventPeer,
  GatewayEvent,
  GatewayStats,
  LatencyFigures,
  PeerRole,
  ServiceBan,
  ServiceTarget,
} from './backend.js'
export { createControlPlane } from './control-plane.js'
export type { ControlPlane } from './control-plane.js'
export * as family from './gen/controlplane_pb.js'
export * as admin from './gen/frontier/v1/admin_pb.js'
export * as health from './gen/grpc/health/v1/health_pb.js'
export { ErrorInfoSchema } from './gen/google/rpc/error_details_pb.js'
export type { ControlPlaneLogger } from './logger.js'
export type { ControlPlaneOptions, ControlPlaneTls } from './options.js'
