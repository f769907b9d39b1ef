import type { BridgeEdge } from '@frontier/exchange'
import { FrontierError } from '@frontier/wire'
import { edgeIdText } from './edge-facts.js'

/** What placeholders are filled from. */
export interface TemplateSource {
  readonly topic: string
  readonly edge: BridgeEdge
}

type Part = string | ((source: TemplateSource) => string | undefined)

const PLACEHOLDER = /\{([^{}]*)\}/g

/** Text with the placeholders `{topic}`, `{topic.0}`, `{edgeId}` and `{label.x}`. */
export class TopicTemplate {
  readonly #text: string
  readonly #parts: readonly Part[]

  /** @throws INVALID_ARGUMENT for a placeholder that nobody knows. */
  constructor(text: string) {
    this.#text = text
    const parts: Part[] = []
    let end = 0
    for (const match of text.matchAll(PLACEHOLDER)) {
      parts.push(text.slice(end, match.index), partOf(match[1]!, text))
      end = match.index + match[0].length
    }
    parts.push(text.slice(end))
    this.#parts = parts.filter((part) => part !== '')
  }

  /** The text for one message. @throws INVALID_ARGUMENT when the edge or the topic has nothing for a placeholder. */
  fill(source: TemplateSource): string {
    let filled = ''
    for (const part of this.#parts) {
      const text = typeof part === 'string' ? part : part(source)
      if (text === undefined || text === '') {
        throw new FrontierError('INVALID_ARGUMENT', `edge ${source.edge.edgeId} or its topic ${JSON.stringify(source.topic)} has nothing for a placeholder of ${this.#text}`)
      }
      filled += text
    }
    return filled
  }
}

function partOf(name: string, text: string): Part {
  if (name === 'topic') return ({ topic }) => topic
  if (name === 'edgeId') return ({ edge }) => edgeIdText(edge)
  const word = /^topic\.(\d{1,3})$/.exec(name)
  if (word !== null) return ({ topic }) => topic.split('.')[Number(word[1])]
  if (name.startsWith('label.') && name.length > 6) {
    const label = name.slice(6)
    return ({ edge }) => (Object.hasOwn(edge.labels, label) ? edge.labels[label] : undefined)
  }
  throw new FrontierError('INVALID_ARGUMENT', `{${name}} in ${JSON.stringify(text)} is none of {topic}, {topic.0}, {edgeId} and {label.x}`)
}
