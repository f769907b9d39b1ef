import { codeBlocks } from './code-blocks.js'

/** The rows of all tables of a Markdown text, by the names of their columns. */
export function tableRows(markdown: string): Record<string, string>[] {
  const rows: Record<string, string>[] = []
  let header: string[] | undefined
  for (const line of markdown.split(/\r?\n/)) {
    if (!line.startsWith('|')) {
      header = undefined
      continue
    }
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    if (header === undefined) header = cells
    else if (!cells.every((cell) => /^:?-+:?$/.test(cell)))
      rows.push(Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ''])))
  }
  return rows
}

/** A link of a Markdown text: what it points to, and the line it is on, counted from 1. */
export interface MarkdownLink {
  target: string
  line: number
}

/** The links and pictures of a Markdown text, those in code left out. */
export function links(markdown: string): MarkdownLink[] {
  return prose(markdown).flatMap((text, index) => {
    const inline = text.replaceAll(/`[^`]*`/g, (code) => '`'.repeat(code.length))
    return [...inline.matchAll(/\]\(<?([^()\s>]+)>?(?:\s+"[^"]*")?\)|^\s*\[[^\]]+\]:\s+(\S+)/g)].map((found) => ({
      target: found[1] ?? found[2] ?? '',
      line: index + 1,
    }))
  })
}

/** The anchors of a Markdown text, as forges make them of its headings. */
export function anchors(markdown: string): Set<string> {
  const found = new Set<string>()
  for (const text of prose(markdown)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1]
    if (heading === undefined) continue
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase()
    const slug = words.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-')
    let anchor = slug
    for (let count = 1; found.has(anchor); count++) anchor = `${slug}-${count}`
    found.add(anchor)
  }
  return found
}

/** The lines of a Markdown text, with those of code blocks emptied. */
function prose(markdown: string): string[] {
  const lines = markdown.split(/\r?\n/)
  for (const { line, code } of codeBlocks(markdown)) {
    const rows = code.split('\n').length - 1
    lines.fill('', line - 1, line + rows + 1)
  }
  return lines
}
