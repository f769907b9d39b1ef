import type { DescMethod } from '@bufbuild/protobuf'

import { ControlPlane } from './gen/controlplane_pb.js'
import { Admin } from './gen/frontier/v1/admin_pb.js'
import { Health } from './gen/grpc/health/v1/health_pb.js'
import { ServerReflection } from './gen/grpc/reflection/v1/reflection_pb.js'
import { ServerReflection as ServerReflectionAlpha } from './gen/grpc/reflection/v1alpha/reflection_pb.js'

/**
 * Who may call a method: anybody (public), whoever may look (read), or whoever may change things (admin).
 * What needs admin is written to the audit log.
 */
export type MethodRight = 'public' | 'read' | 'admin'

const changing: ReadonlySet<DescMethod> = new Set([
  ControlPlane.method.kickEdge,
  ControlPlane.method.kickService,
  Admin.method.kickEdge,
  Admin.method.kickService,
  Admin.method.callEdge,
  Admin.method.publishEdge,
  Admin.method.banEdge,
  Admin.method.unbanEdge,
  Admin.method.banService,
  Admin.method.unbanService,
  Admin.method.drain,
])

/** Probes have no tokens, and the schema is no secret: neither tells who is online. */
const open: ReadonlySet<string> = new Set([Health, ServerReflection, ServerReflectionAlpha].map(({ typeName }) => typeName))

/** The right that `method` needs. */
export function rightOf(method: DescMethod): MethodRight {
  if (changing.has(method)) return 'admin'
  return open.has(method.parent.typeName) ? 'public' : 'read'
}

/** As in `frontier.v1.Admin/KickEdge`. */
export function fullName(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`
}
