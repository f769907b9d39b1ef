import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, test } from 'vitest'

import { anchors, links } from './markdown.js'

// Every relative link of every Markdown file points to something that exists; so does every anchor.

const root = path.resolve(import.meta.dirname, '..')
const ignored = new Set(['node_modules', 'dist', '.tmp', '.pnpm-bin', '.git', '.turbo', 'coverage'])

function markdownFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name)
    if (entry.isDirectory()) return ignored.has(entry.name) ? [] : markdownFiles(file)
    return entry.name.endsWith('.md') ? [file] : []
  })
}

/** What is wrong with a link of `file`, or undefined. Links to elsewhere are not followed. */
function linkProblem(file: string, target: string): string | undefined {
  if (/^(https?|mailto):/.test(target)) return undefined
  const [place = '', anchor] = decodeURI(target).split('#')
  const linked = place === '' ? file : path.posix.join(path.posix.dirname(file), place)
  if (linked.startsWith('..') || place.startsWith('/')) return 'leaves the repository'
  const full = path.join(root, linked)
  if (!existsSync(full)) return 'does not exist'
  if (anchor === undefined) return undefined
  if (statSync(full).isDirectory() || !linked.endsWith('.md')) return 'has an anchor, but is no Markdown file'
  return anchors(readFileSync(full, 'utf8')).has(anchor) ? undefined : 'has no such heading'
}

describe('links', () => {
  test.each(markdownFiles('.'))('of %s', (file) => {
    const problems = links(readFileSync(path.join(root, file), 'utf8')).flatMap(({ target, line }) => {
      const problem = linkProblem(file, target)
      return problem === undefined ? [] : [`${file}:${line}: ${target} ${problem}`]
    })
    expect(problems).toEqual([])
  })

  test('the check sees files and headings that are missing, and looks past code', () => {
    expect(linkProblem('README.md', 'docs/nowhere.md')).toBe('does not exist')
    expect(linkProblem('docs/README.md', '../../elsewhere')).toBe('leaves the repository')
    expect(linkProblem('docs/README.md', 'errors.md#eof')).toBeUndefined()
    expect(linkProblem('docs/README.md', 'errors.md#oef')).toBe('has no such heading')
    expect(links('see [a](b.md) and `[c](d)`\n```\n[e](f)\n```\n![g](h.png "i")\n[j]: k')).toEqual([
      { target: 'b.md', line: 1 },
      { target: 'h.png', line: 5 },
      { target: 'k', line: 6 },
    ])
    expect([...anchors('# A `b` c!\n## A b c\n```\n# no\n```\n')]).toEqual(['a-b-c', 'a-b-c-1'])
  })
})
