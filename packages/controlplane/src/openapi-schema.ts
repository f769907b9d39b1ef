import { ScalarType, type DescEnum, type DescField, type DescMessage } from '@bufbuild/protobuf'

import { comments } from './gen/comments.js'

/** A piece of JSON Schema. */
export type JsonSchema = Record<string, unknown>

const wellKnown: Readonly<Record<string, JsonSchema>> = {
  'google.protobuf.Timestamp': { type: 'string', format: 'date-time' },
  'google.protobuf.Duration': { type: 'string', pattern: '^-?\\d+(\\.\\d{1,9})?s$', description: 'Seconds, as in 1.5s.' },
}

const scalars: Readonly<Record<ScalarType, JsonSchema>> = {
  [ScalarType.STRING]: { type: 'string' },
  [ScalarType.BOOL]: { type: 'boolean' },
  [ScalarType.BYTES]: { type: 'string', contentEncoding: 'base64' },
  [ScalarType.DOUBLE]: { type: 'number' },
  [ScalarType.FLOAT]: { type: 'number' },
  [ScalarType.INT32]: { type: 'integer', format: 'int32' },
  [ScalarType.SINT32]: { type: 'integer', format: 'int32' },
  [ScalarType.SFIXED32]: { type: 'integer', format: 'int32' },
  [ScalarType.UINT32]: { type: 'integer', format: 'uint32', minimum: 0 },
  [ScalarType.FIXED32]: { type: 'integer', format: 'uint32', minimum: 0 },
  [ScalarType.INT64]: { type: 'string', format: 'int64', pattern: '^-?\\d+$' },
  [ScalarType.SINT64]: { type: 'string', format: 'int64', pattern: '^-?\\d+$' },
  [ScalarType.SFIXED64]: { type: 'string', format: 'int64', pattern: '^-?\\d+$' },
  [ScalarType.UINT64]: { type: 'string', format: 'uint64', pattern: '^\\d+$' },
  [ScalarType.FIXED64]: { type: 'string', format: 'uint64', pattern: '^\\d+$' },
}

/** The schemas of messages, each described once and referred to by its full name. */
export class SchemaSet {
  readonly #schemas = new Map<string, JsonSchema>()

  /** All that were referred to. */
  all(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** What stands where a message stands. */
  reference(desc: DescMessage): JsonSchema {
    const known = wellKnown[desc.typeName]
    if (known !== undefined) return known
    if (!this.#schemas.has(desc.typeName)) {
      this.#schemas.set(desc.typeName, {}) // for messages that contain themselves
      this.#schemas.set(desc.typeName, this.body(desc, new Set()))
    }
    return { $ref: `#/components/schemas/${desc.typeName}` }
  }

  /** A message, but for the fields in `without`. */
  body(desc: DescMessage, without: ReadonlySet<string>): JsonSchema {
    const properties = desc.fields
      .filter(({ name }) => !without.has(name))
      .map((field): [string, JsonSchema] => {
        const description = comments[`${desc.typeName}.${field.name}`]
        return [field.name, description === undefined ? this.field(field) : { ...this.field(field), description }]
      })
    const description = comments[desc.typeName]
    return { type: 'object', ...(description !== undefined && { description }), properties: Object.fromEntries(properties) }
  }

  /** What a field holds. */
  field(field: DescField): JsonSchema {
    switch (field.fieldKind) {
      case 'scalar':
        return scalars[field.scalar]
      case 'enum':
        return enumSchema(field.enum)
      case 'message':
        return this.reference(field.message)
      case 'list':
        return { type: 'array', items: this.#item(field) }
      case 'map':
        return { type: 'object', additionalProperties: this.#item(field) }
    }
  }

  #item(field: { scalar?: ScalarType | undefined; enum?: DescEnum | undefined; message?: DescMessage | undefined }): JsonSchema {
    if (field.message !== undefined) return this.reference(field.message)
    return field.enum !== undefined ? enumSchema(field.enum) : scalars[field.scalar ?? ScalarType.STRING]
  }
}

function enumSchema(desc: DescEnum): JsonSchema {
  return { type: 'string', enum: desc.values.map(({ name }) => name) }
}
