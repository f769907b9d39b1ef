import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml'

import type { KeyPath } from './key-path.js'

/** A YAML text, and the lines on which things are. */
export interface YamlSource {
  readonly value: unknown
  /** What is wrong with the text as YAML, each with its line. */
  readonly errors: readonly { line: number; text: string }[]
  /** The line of the key at `path`, or of the nearest section above it that is written. */
  lineOf(path: KeyPath): number
}

/** Reads one YAML document. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const lineAt = (offset: number): number => lines.linePos(offset).line
  const errors = [...document.errors, ...document.warnings].map(({ message, pos }) => ({ line: lineAt(pos[0]), text: message }))
  let value: unknown
  try {
    if (errors.length === 0) value = document.toJS()
  } catch (error) {
    // An alias of nothing, or too many of them.
    errors.push({ line: 1, text: error instanceof Error ? error.message : String(error) })
  }
  return { value, errors, lineOf: (path) => lineAt(offsetOf(document, path)) }
}

function offsetOf(document: Document.Parsed, path: KeyPath): number {
  let node: unknown = document.contents
  let offset = document.contents?.range[0] ?? 0
  for (const key of path) {
    const container = isAlias(node) ? node.resolve(document) : node
    if (isMap(container)) {
      const pair = container.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      if (pair === undefined) return offset
      offset = startOf(pair.key, offset)
      node = pair.value
    } else if (isSeq(container) && typeof key === 'number') {
      node = container.items[key]
      offset = startOf(node, offset)
    } else {
      return offset
    }
  }
  return offset
}

function startOf(node: unknown, fallback: number): number {
  return (node as Node | null | undefined)?.range?.[0] ?? fallback
}
