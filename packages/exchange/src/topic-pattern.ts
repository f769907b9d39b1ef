import { FrontierError } from '@frontier/wire'

const ONE_WORD = '*'
const REST = '>'

/**
 * What fits many topics: words between dots, where `*` fits one word and `>`, at the end, one or more. `sensors.*.temp` fits `sensors.7.temp`; `sensors.>` fits
 * `sensors.7` and `sensors.7.temp`, and not `sensors`.
 */
export class TopicPattern {
  readonly text: string
  readonly #words: readonly string[]
  readonly #hasRest: boolean

  /** @throws INVALID_ARGUMENT for a pattern with an empty word, or `>` before its end. */
  constructor(text: string) {
    const words = text.split('.')
    if (words.includes('') || words.slice(0, -1).includes(REST)) {
      throw new FrontierError('INVALID_ARGUMENT', `${JSON.stringify(text)} is no pattern: words between dots, * for one of them, > at the end for the rest`)
    }
    this.text = text
    this.#hasRest = words.at(-1) === REST
    this.#words = this.#hasRest ? words.slice(0, -1) : words
  }

  /** Whether `topic` fits. */
  fits(topic: string): boolean {
    const words = this.#words
    let at = 0
    for (const word of words) {
      if (at > topic.length) return false
      const dot = topic.indexOf('.', at)
      const end = dot < 0 ? topic.length : dot
      if (word !== ONE_WORD && (end - at !== word.length || !topic.startsWith(word, at))) return false
      if (word === ONE_WORD && end === at) return false
      at = end + 1
    }
    return this.#hasRest ? at < topic.length : at === topic.length + 1
  }
}

/** Whether a bridge's topic is a pattern, and not the name of one topic, nor `*` alone, which is what nobody else takes. */
export function isTopicPattern(topic: string): boolean {
  return topic !== ONE_WORD && topic.split('.').some((word) => word === ONE_WORD || word === REST)
}
