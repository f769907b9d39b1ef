import path from 'node:path'

/** File names are kebab-case, with dots before what kind of file it is: `flow-window.test.ts`. */
export const fileName = {
  meta: { type: 'suggestion', schema: [], messages: { kebab: 'File names are kebab-case: {{name}}' } },
  create(context) {
    return {
      Program(node) {
        const name = path.basename(context.filename)
        if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/.test(name)) {
          context.report({ node, messageId: 'kebab', data: { name } })
        }
      },
    }
  },
}
