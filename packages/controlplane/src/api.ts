// The API alone, for clients: the generated descriptors, and nothing of the server.
export {
  Admin,
  BanSchema,
  CallEdgeResponseSchema,
  BanEdgeResponseSchema,
  BanServiceResponseSchema,
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
export type { Ban, Edge, Event, Service, ServiceBan, Stats } from './gen/frontier/v1/admin_pb.js'
export { ControlPlane } from './gen/controlplane_pb.js'
export { ErrorInfoSchema } from './gen/google/rpc/error_details_pb.js'
export type { ErrorInfo } from './gen/google/rpc/error_details_pb.js'
