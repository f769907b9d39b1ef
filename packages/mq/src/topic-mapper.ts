import { isTopicPattern, TopicPattern, type BridgeMessage } from '@frontier/exchange'
import { FrontierError } from '@frontier/wire'
import type { TopicMapping } from './bridge-options.js'
import { TopicTemplate } from './topic-template.js'

/** Where a message goes. */
export interface MappedTopic {
  readonly target: string
  readonly key: string
  readonly partition: number | undefined
}

interface Mapping {
  fits(topic: string): boolean
  readonly to: TopicTemplate
  readonly key: TopicTemplate
  readonly partition: number | TopicTemplate | undefined
}

const MAX_PARTITION = 0x7fff_ffff

/** Makes of an edge's topic what the broker knows. */
export class TopicMapper {
  readonly #mappings: readonly Mapping[]
  readonly #fallback: Mapping = compile({ topic: '*' })

  /** @throws INVALID_ARGUMENT for patterns and placeholders that do not hold. */
  constructor(mappings: readonly TopicMapping[]) {
    this.#mappings = mappings.map(compile)
  }

  /** @throws INVALID_ARGUMENT when a placeholder cannot be filled, or a partition is no number. */
  map(message: BridgeMessage): MappedTopic {
    const { to, key, partition } = this.#mappings.find((mapping) => mapping.fits(message.topic)) ?? this.#fallback
    return {
      target: to.fill(message),
      key: key.fill(message),
      partition: partition instanceof TopicTemplate ? partitionOf(partition.fill(message)) : partition,
    }
  }
}

function compile({ topic, to = '{topic}', key = '{edgeId}', partition }: TopicMapping): Mapping {
  const pattern = isTopicPattern(topic) ? new TopicPattern(topic) : undefined
  return {
    fits: pattern === undefined ? (name) => topic === '*' || name === topic : (name) => pattern.fits(name),
    to: new TopicTemplate(to),
    key: new TopicTemplate(key),
    partition: typeof partition === 'string' ? new TopicTemplate(partition) : partition === undefined ? undefined : partitionOf(String(partition)),
  }
}

function partitionOf(text: string): number {
  const partition = Number(text)
  if (/^\d{1,10}$/.test(text) && partition <= MAX_PARTITION) return partition
  throw new FrontierError('INVALID_ARGUMENT', `a partition is a number, not ${JSON.stringify(text)}`)
}
