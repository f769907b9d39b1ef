import { getOption, type DescMethod, type DescService } from '@bufbuild/protobuf'

import { http } from './gen/google/api/annotations_pb.js'
import type { HttpRule } from './gen/google/api/http_pb.js'
import { compareTemplates, matchPath, parsePathTemplate, type PathTemplate } from './path-template.js'

/** One way to reach a method over REST, as its annotation says. */
export interface RestRoute {
  readonly httpMethod: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH'
  readonly template: PathTemplate
  readonly method: DescMethod
  /** Whether the request body is the request message; without, there is none. */
  readonly hasBody: boolean
}

/** What was found for a path: a route with the path's variables, or the methods that the path has. */
export type RouteMatch = { route: RestRoute; variables: ReadonlyMap<string, string> } | { allowed: string[] }

/** The routes of `services`. @throws Error for an annotation that is not supported: ours are. */
export function restRoutesOf(services: readonly DescService[]): RestRoute[] {
  return services.flatMap((service) => service.methods.flatMap(routesOf)).sort((a, b) => compareTemplates(a.template, b.template))
}

/** Finds `path` among `routes`, which are in their order; undefined = there is no such path. */
export function findRoute(routes: readonly RestRoute[], httpMethod: string, path: string): RouteMatch | undefined {
  const segments = path.slice(1).split('/')
  const allowed = new Set<string>()
  const wanted = httpMethod === 'HEAD' ? 'GET' : httpMethod
  for (const route of routes) {
    const variables = matchPath(route.template, segments)
    if (variables === undefined) continue
    if (route.httpMethod === wanted) return { route, variables }
    allowed.add(route.httpMethod)
    if (route.httpMethod === 'GET') allowed.add('HEAD')
  }
  return allowed.size === 0 ? undefined : { allowed: [...allowed].sort() }
}

function routesOf(method: DescMethod): RestRoute[] {
  const rule = getOption(method, http)
  return [rule, ...rule.additionalBindings].flatMap((binding) => routeOf(method, binding))
}

function routeOf(method: DescMethod, { pattern, body, responseBody }: HttpRule): RestRoute[] {
  if (pattern.case === undefined) return []
  if (pattern.case === 'custom' || !['', '*'].includes(body) || responseBody !== '') throw new Error(`unsupported HTTP annotation of ${method.name}`)
  const httpMethod = pattern.case.toUpperCase() as RestRoute['httpMethod']
  return [{ httpMethod, template: parsePathTemplate(pattern.value), method, hasBody: body === '*' }]
}
