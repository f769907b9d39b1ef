// Each resolves when a broker answers in its own protocol, and rejects with the reason why it does not.
import { readFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'

import { certificate } from './certificates.mjs'

const LIMIT_MS = 2000

/**
 * Connects, writes `request`, and resolves with what has come once `isWhole` says so.
 * @param {number} port
 * @param {{ request: string | Uint8Array, isWhole: (answer: Buffer) => boolean, secure?: boolean }} options
 * @returns {Promise<Buffer>}
 */
export function exchange(port, { request, isWhole, secure = false }) {
  return new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port }
    const socket = secure ? tls.connect({ ...at, ca: readFileSync(certificate('ca.pem')), servername: 'localhost' }) : net.connect(at)
    let answer = Buffer.alloc(0)
    const end = (/** @type {Error | undefined} */ error) => {
      socket.destroy()
      if (error) reject(error)
      else resolve(answer)
    }
    socket.setTimeout(LIMIT_MS, () => end(new Error('no answer')))
    socket.on('error', end)
    socket.on('close', () => end(new Error(`closed after ${JSON.stringify(answer.toString('latin1'))}`)))
    socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
      if (isWhole(answer)) end()
    })
    socket.write(request)
  })
}

/** A page that is there: of NATS' monitor, nsqd, nsqlookupd. */
export async function page(/** @type {number} */ port, /** @type {string} */ path) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(LIMIT_MS) })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
  return text
}

/**
 * Asks Redis commands; rejects unless the answers fit `expected`.
 * @param {number} port
 * @param {string[]} commands
 * @param {{ expected?: RegExp, secure?: boolean }} [options]
 */
export async function redis(port, commands, { expected = /\+PONG/, secure = false } = {}) {
  const request = [...commands, 'PING', ''].join('\r\n')
  const answer = await exchange(port, { request, secure, isWhole: (so) => /\+PONG|^-/m.test(so.toString()) })
  if (!expected.test(answer.toString())) throw new Error(answer.toString())
}

/** The broker's first frame of AMQP 0-9-1: connection.start. It listens when everything else is through. */
export async function amqp(/** @type {number} */ port) {
  const answer = await exchange(port, { request: Buffer.from('AMQP\0\0\x09\x01'), isWhole: (so) => so.length >= 12 })
  if (answer[0] !== 1 || answer.readUInt16BE(7) !== 10 || answer.readUInt16BE(9) !== 10) throw new Error(answer.toString('latin1'))
}

/** Kafka's metadata, version 1: a broker is registered, and there is a controller. */
export async function kafka(/** @type {number} */ port) {
  const client = Buffer.from('probe')
  const request = Buffer.alloc(23)
  request.writeInt32BE(request.length - 4, 0)
  request.writeInt16BE(3, 4)
  request.writeInt16BE(1, 6)
  request.writeInt32BE(7, 8)
  request.writeInt16BE(client.length, 12)
  client.copy(request, 14) // then the count of topics: 0
  const answer = await exchange(port, { request, isWhole: (so) => so.length >= 4 && so.length >= 4 + so.readInt32BE(0) })
  if (answer.readInt32BE(8) < 1) throw new Error('no broker registered')
  let at = 12
  for (let left = answer.readInt32BE(8); left > 0; left--) {
    at += 4
    at += 2 + answer.readInt16BE(at) + 4
    at += 2 + Math.max(0, answer.readInt16BE(at))
  }
  if (answer.readInt32BE(at) < 0) throw new Error('no controller')
}
