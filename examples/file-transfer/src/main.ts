#!/usr/bin/env node
// node dist/main.js shelf FOLDER        keeps files in FOLDER
// node dist/main.js put FILE            sends one there
// node dist/main.js get NAME [FILE]     fetches one
import { parseArgs } from 'node:util'
import { connectEdge } from '@frontier/edge'
import { getFile, putFile } from './file-edge.js'
import { openShelf } from './file-service.js'

const log = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function keepShelf(gateway: string, folder: string): Promise<void> {
  const shelf = await openShelf(gateway, folder)
  process.once('SIGINT', () => void shelf.drain())
  log(`keeping files in ${folder}`)
  await shelf.closed
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      edges: { type: 'string', default: 'tcp://127.0.0.1:30012' },
      services: { type: 'string', default: 'tcp://127.0.0.1:30011' },
    },
  })
  const [command, first, second] = positionals
  if (first === undefined || !['shelf', 'put', 'get'].includes(command ?? '')) throw new Error('usage: shelf FOLDER | put FILE | get NAME [FILE]')
  if (command === 'shelf') await keepShelf(values.services, first)
  else {
    await using edge = await connectEdge(values.edges)
    if (command === 'put') await putFile(edge, first)
    else await getFile(edge, first, second ?? first)
  }
} catch (error) {
  process.stderr.write(`file-transfer: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
