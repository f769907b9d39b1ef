// The API alone, for clients: the generated descriptors, and nothing of the server.
export {
  Admin,
  BanSchema,
  CallEdgeResponseSchema,
  BanEdgeResponseSchema,
  BanServiceResponseSchema,
  BridgeSchema,
  EdgeSchema,
  EventSchema,
  EventType,
  ListBansResponseSchema,
  ListEdgesResponseSchema,
  ListServicesResponseSchema,
  Role,
  ServiceBanSchema,
  ServiceSchema,
  StatsSchema,
} from './gen/frontier/v1/admin_pb.js'
export type { Ban, Bridge, Edge, Event, Service, ServiceBan, Stats } from './gen/frontier/v1/admin_pb.js'
export { ControlPlane } from './gen/controlplane_pb.js'
export { ErrorInfoSchema } from './gen/google/rpc/error_details_pb.js'
export type { ErrorInfo } from './gen/google/rpc/error_details_pb.js'
