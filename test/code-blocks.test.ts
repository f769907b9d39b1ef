import { expect, test } from 'vitest'

import { codeBlocks, typeScriptBlocks } from './code-blocks.js'

test('blocks keep language, info, title, line and text', () => {
  const markdown = [
    '# Title',
    '```ts no-run title="edge.ts"',
    'const a = 1;',
    '',
    'a;',
    '```',
    '',
    '~~~sh',
    'ls',
    '~~~',
    '',
  ]
  expect(codeBlocks(markdown.join('\n'))).toEqual([
    { language: 'ts', info: 'no-run title="edge.ts"', title: 'edge.ts', code: 'const a = 1;\n\na;\n', line: 2 },
    { language: 'sh', info: '', title: undefined, code: 'ls\n', line: 8 },
  ])
})

test('a longer fence holds a shorter one, and a list item loses its indent', () => {
  expect(codeBlocks('````md\n```ts\nx\n```\n````\n').map(({ language }) => language)).toEqual(['md'])
  expect(typeScriptBlocks('- item\n  ```ts\n  f(() => {\n    g();\n  });\n  ```\n')[0]?.code).toBe(
    'f(() => {\n  g();\n});\n',
  )
})

test('a block that is never closed is an error', () => {
  expect(() => codeBlocks('text\n```ts\nx\n')).toThrow('line 2')
})
