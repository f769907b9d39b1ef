import type { DescMethod, DescService } from '@bufbuild/protobuf'

import { comments } from './gen/comments.js'
import { rightOf } from './method-rights.js'
import { SchemaSet, type JsonSchema } from './openapi-schema.js'
import { restRoutesOf, type RestRoute } from './rest-routes.js'

/** A document of OpenAPI 3.1, as far as it is looked into here. */
export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, OpenApiOperation>>
  components: Record<string, unknown>
  [field: string]: unknown
}

/** What can be done at a path. */
export interface OpenApiOperation {
  operationId: string
  tags: string[]
  summary: string
  parameters: OpenApiParameter[]
  requestBody?: unknown
  responses: Record<string, unknown>
  [field: string]: unknown
}

/** Something that is given in the path or the query. */
export interface OpenApiParameter {
  name: string
  in: 'path' | 'query'
  required: boolean
  description?: string
  style?: string
  explode?: boolean
  schema: JsonSchema
}

const errorResponse = {
  description: 'It failed; the reason is a code of docs/errors.md, or CODEC for a request that could not be read.',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
}

const errorSchema: JsonSchema = {
  type: 'object',
  required: ['code', 'reason', 'message', 'metadata'],
  properties: {
    code: { type: 'integer', description: 'The HTTP status.' },
    reason: { type: 'string', description: 'A code of docs/errors.md, or CODEC.' },
    message: { type: 'string' },
    metadata: { type: 'object', additionalProperties: { type: 'string' } },
  },
}

/** Describes the REST side of `services`, from their annotations and the comments of their files. */
export function describeRest(services: readonly DescService[], version: string): OpenApiDocument {
  const schemas = new SchemaSet()
  const paths: OpenApiDocument['paths'] = {}
  const routes = restRoutesOf(services)
  for (const route of routes) (paths[route.template.text] ??= {})[route.httpMethod.toLowerCase()] = operationOf(route, schemas)
  const tagged = services.filter((service) => routes.some(({ method }) => method.parent === service))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Frontier control plane',
      version,
      description: 'The REST side of a Frontier gateway. Numbers of 64 bits are decimal strings. The same port speaks gRPC, gRPC-Web and Connect.',
    },
    servers: [{ url: '/' }],
    tags: tagged.map(({ typeName }) => ({ name: typeName, description: comments[typeName] ?? '' })),
    paths,
    components: {
      schemas: { ...schemas.all(), Error: errorSchema },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ bearer: [] }, {}],
  }
}

function operationOf(route: RestRoute, schemas: SchemaSet): OpenApiOperation {
  const { method, hasBody } = route
  const output = schemas.reference(method.output)
  const isStream = method.methodKind !== 'unary'
  const content = isStream ? { 'text/event-stream': { schema: output } } : { 'application/json': { schema: output } }
  return {
    operationId: `${method.parent.typeName}.${method.name}`,
    tags: [method.parent.typeName],
    summary: comments[`${method.parent.typeName}.${method.name}`] ?? '',
    'x-frontier-role': rightOf(method),
    parameters: parametersOf(route, schemas),
    ...(hasBody && { requestBody: { content: { 'application/json': { schema: schemas.body(method.input, pathFields(route)) } } } }),
    responses: { '200': { description: isStream ? 'One message per event.' : 'OK', content }, default: errorResponse },
  }
}

function parametersOf(route: RestRoute, schemas: SchemaSet): OpenApiParameter[] {
  const inPath = pathFields(route)
  const { fields } = (route.method satisfies DescMethod).input
  return fields.flatMap((field): OpenApiParameter[] => {
    const description = comments[`${route.method.input.typeName}.${field.name}`]
    const told = description === undefined ? {} : { description }
    const schema = schemas.field(field)
    if (inPath.has(field.name)) return [{ name: field.name, in: 'path', required: true, ...told, schema }]
    if (route.hasBody) return []
    const style = field.fieldKind === 'map' ? { style: 'deepObject', explode: true } : {}
    return [{ name: field.name, in: 'query', required: false, ...told, ...style, schema }]
  })
}

function pathFields({ template }: RestRoute): ReadonlySet<string> {
  return new Set(template.segments.flatMap((segment) => ('variable' in segment ? [segment.variable] : [])))
}
