import { fromJson, type DescEnum, type DescField, type DescMessage } from '@bufbuild/protobuf'
import { reflect, type ReflectMessage } from '@bufbuild/protobuf/reflect'
import { FrontierError } from '@frontier/wire'

import { parseScalar, type ScalarValue } from './scalar-text.js'

/** Parameters of one request: more would be nothing that a list of ours could use. */
const MAX_PARAMETERS = 1_000

/**
 * Sets the fields of `message` that the query string names, by their names in the .proto file or in JSON; unknown ones are ignored, empty ones are not there.
 * Lists are repeated (`types=a&types=b`, also `types[]=a`), maps are `labels[site]=north`.
 * @throws INVALID_ARGUMENT for a value that is none of its field, or a second value of a field that takes one.
 */
export function setQueryFields(message: ReflectMessage, query: string): void {
  const values = new Map<DescField, string[]>()
  let count = 0
  for (const [key, value] of new URLSearchParams(query)) {
    if (++count > MAX_PARAMETERS) throw new FrontierError('INVALID_ARGUMENT', `more than ${MAX_PARAMETERS} parameters`)
    const [, name = '', entry] = /^([^[\]]+)(?:\[([^\]]*)\])?$/su.exec(key) ?? []
    const field = fieldOf(message.desc, name)
    if (field === undefined || value === '') continue
    if (field.fieldKind === 'map') {
      if (entry !== undefined && entry !== '') message.get(field).set(entry, parseValue(field, field, value))
      continue
    }
    if (entry !== undefined && (entry !== '' || field.fieldKind !== 'list')) continue
    const found = values.get(field)
    if (found === undefined) values.set(field, [value])
    else found.push(value)
  }
  for (const [field, texts] of values) setTexts(message, field, texts)
}

/** Sets the fields that stood in the path, over whatever they were. @throws INVALID_ARGUMENT for a value that is none of its field. */
export function setPathFields(message: ReflectMessage, variables: ReadonlyMap<string, string>): void {
  for (const [name, encoded] of variables) {
    const field = fieldOf(message.desc, name)
    if (field !== undefined) setTexts(message, field, [decodeSegment(encoded, name)])
  }
}

function fieldOf(desc: DescMessage, name: string): DescField | undefined {
  return desc.fields.find((field) => field.name === name || field.jsonName === name || field.localName === name)
}

function setTexts(message: ReflectMessage, field: DescField, texts: readonly string[]): void {
  if (field.fieldKind === 'list') {
    const list = message.get(field)
    for (const text of texts) list.add(parseValue(field, field, text))
    return
  }
  if (texts.length > 1) throw new FrontierError('INVALID_ARGUMENT', `too many values for field ${JSON.stringify(field.name)}: ${texts.join(', ')}`)
  if (field.fieldKind === 'message') message.set(field, parseMessage(field.message, texts[0]!, field.name))
  else if (field.fieldKind !== 'map') message.set(field, parseValue(field, field, texts[0]!))
}

/** One value of a field, of a list or of a map: they say what they hold in the same words. */
function parseValue(field: DescField, holder: { scalar?: unknown; enum?: DescEnum | undefined }, text: string): ScalarValue {
  if (holder.enum !== undefined) return parseEnum(holder.enum, text, field.name)
  if (field.scalar !== undefined) return parseScalar(field.scalar, text, field.name)
  throw new FrontierError('INVALID_ARGUMENT', `field ${JSON.stringify(field.name)} cannot be given in a query`)
}

/** By its name, by its name without what all have in front (`online`), or by its number. */
function parseEnum(desc: DescEnum, text: string, field: string): number {
  const wanted = text.toUpperCase()
  const found = desc.values.find(({ name, number }) => name === wanted || name === `${desc.sharedPrefix ?? ''}${wanted}`.toUpperCase() || String(number) === text)
  if (found === undefined) throw new FrontierError('INVALID_ARGUMENT', `parsing field ${JSON.stringify(field)}: ${JSON.stringify(text.slice(0, 100))} is none of its values`)
  return found.number
}

/** Those that are text in JSON: a time, a duration. */
function parseMessage(desc: DescMessage, text: string, field: string): ReflectMessage {
  try {
    return reflect(desc, fromJson(desc, text))
  } catch (error) {
    throw new FrontierError('INVALID_ARGUMENT', `parsing field ${JSON.stringify(field)}: not a ${desc.name}`, { cause: error })
  }
}

function decodeSegment(segment: string, field: string): string {
  try {
    return decodeURIComponent(segment)
  } catch (error) {
    throw new FrontierError('INVALID_ARGUMENT', `parsing field ${JSON.stringify(field)}: bad percent-encoding`, { cause: error })
  }
}
