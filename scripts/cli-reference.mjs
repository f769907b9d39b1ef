// npm run cli-reference: the part of docs/cli.md that comes from the table of commands.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

import { prepare, root } from './bootstrap.mjs'

prepare()
const load = (file) => import(pathToFileURL(path.join(root, 'apps/frontier/dist', file)).href)
const [{ referenceText }, { commandTable }] = await Promise.all([load('cli/reference.js'), load('command-table.js')])
const file = path.join(root, 'docs/cli.md')
const page = readFileSync(file, 'utf8')
const at = page.indexOf('## Exit codes')
writeFileSync(file, (at < 0 ? page : page.slice(0, at)) + referenceText(commandTable))
