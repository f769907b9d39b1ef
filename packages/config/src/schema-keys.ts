import { z } from 'zod'

import type { KeyPath } from './key-path.js'

interface JsonSchemaNode {
  properties?: Record<string, JsonSchemaNode>
  items?: JsonSchemaNode
}

/** The keys that `schema` has at `path`; none where there is no object. */
export function keysAt(schema: z.ZodType, path: KeyPath): string[] {
  // The one public way to look into a schema through its defaults and checks. Only ever done when there is an error to report.
  let node: JsonSchemaNode | undefined = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchemaNode
  for (const key of path) node = typeof key === 'number' ? node?.items : node?.properties?.[key]
  return Object.keys(node?.properties ?? {})
}
