// A broker's ports and its data folder are one thing: the folder's name is the first port, and whoever makes the folder has the ports.
// They lie below the range that the kernel takes for outgoing connections: a client that dials a broker which is down could
// else be given the broker's own port as its source, and be connected to itself.
import { mkdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'

import { folder } from './home.mjs'

const FIRST = 20_000
const LAST = 28_000
const BLOCK = 16

/** Takes 16 free ports that belong together, and the data folder that goes with them. */
export async function takePorts() {
  for (let attempt = 0; attempt < 200; attempt++) {
    const base = FIRST + BLOCK * Math.floor((Math.random() * (LAST - FIRST)) / BLOCK)
    const data = dataFolder(base)
    try {
      mkdirSync(data)
    } catch {
      continue // another broker's
    }
    const free = await Promise.all(Array.from({ length: BLOCK }, (_, index) => isFree(base + index)))
    if (free.every(Boolean)) return base
    rmSync(data, { recursive: true, force: true })
  }
  throw new Error('no free ports')
}

/** The data folder of the broker whose first port is `base`. */
export function dataFolder(/** @type {number} */ base) {
  return path.join(folder('data'), String(base))
}

function isFree(/** @type {number} */ port) {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
