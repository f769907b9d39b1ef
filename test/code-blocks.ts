/** A fenced code block of a Markdown file. */
export interface CodeBlock {
  language: string
  /** What follows the language on the opening fence: `no-run title="edge.ts"`. */
  info: string
  title: string | undefined
  code: string
  /** The line of the opening fence, counted from 1. */
  line: number
}

/** The fenced code blocks of a Markdown text, in order. A block that is never closed is an error. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: (CodeBlock & { fence: string; indent: number; lines: string[] }) | undefined
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const fence = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(text)
    if (open === undefined) {
      if (fence === null) continue
      const [, indent = '', marks = '', rest = ''] = fence
      const [language = '', ...info] = rest.trim().split(/\s+/)
      const title = /\btitle="([^"]*)"/.exec(rest)?.[1]
      open = {
        language,
        info: info.join(' '),
        title,
        code: '',
        line: index + 1,
        fence: marks,
        indent: indent.length,
        lines: [],
      }
    } else if (fence !== null && fence[2]?.startsWith(open.fence) === true && fence[3]?.trim() === '') {
      const { language, info, title, line, lines, indent } = open
      blocks.push({ language, info, title, line, code: lines.map((row) => row.slice(indent)).join('\n') + '\n' })
      open = undefined
    } else {
      open.lines.push(text)
    }
  }
  if (open !== undefined) throw new Error(`the code block opened on line ${open.line} is never closed`)
  return blocks
}

/** The TypeScript blocks alone. */
export function typeScriptBlocks(markdown: string): CodeBlock[] {
  return codeBlocks(markdown).filter(({ language }) => language === 'ts' || language === 'typescript')
}
