#!/usr/bin/env node
// node dist/main.js shelf FOLDER        keeps files in FOLDER
// node dist/main.js put FILE            sends one there
// node dist/main.js get NAME [FILE]     fetches one
import { parseArgs } from 'node:util'
import { connectEdge } from '@frontier/edge'
import { getFile, putFile } from './file-edge.js'
import { openShelf } from './file-service.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    edges: { type: 'string', default: 'tcp://127.0.0.1:30012' },
    services: { type: 'string', default: 'tcp://127.0.0.1:30011' },
  },
})
const [command, first, second] = positionals

if (command === 'shelf' && first !== undefined) {
  const shelf = await openShelf(values.services, first)
  process.once('SIGINT', () => void shelf.drain())
  console.log(`keeping files in ${first}`)
  await shelf.closed
} else if ((command === 'put' || command === 'get') && first !== undefined) {
  await using edge = await connectEdge(values.edges)
  if (command === 'put') await putFile(edge, first)
  else await getFile(edge, first, second ?? first)
} else {
  console.error('usage: shelf FOLDER | put FILE | get NAME [FILE]')
  process.exitCode = 1
}
