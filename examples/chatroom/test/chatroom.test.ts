import { createFrontier, type Frontier } from '@frontier/gateway'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { Program } from './program.js'

let frontier: Frontier
let gateway: string[]

beforeAll(async () => {
  const listen = { addr: '127.0.0.1:0' }
  frontier = await createFrontier({ edgebound: { listen }, servicebound: { listen } })
  gateway = ['--edges', frontier.addresses.edgebound, '--services', frontier.addresses.servicebound]
})

afterAll(() => frontier.close())

const room = (): Program => new Program([...gateway, '--role', 'room'])
const guest = (name: string, ...args: string[]): Program => new Program([...gateway, '--name', name, ...args])

describe('the chat room', { timeout: 60_000 }, () => {
  it('tells who came, what they said and who left, to the room and to the other guests', async () => {
    await using chat = room()
    await chat.said('* the room is open, waiting for guests')
    await using ann = guest('ann')
    await chat.said('* ann came in')

    await using bob = guest('bob', '--script', 'hello all;/who')
    expect(await bob.exitCode, bob.error).toBe(0)
    await ann.said('* bob left')
    expect(ann.out.split('\n').filter((line) => line.includes('bob'))).toEqual(['* bob came in', 'bob: hello all', '* bob left'])
    expect(bob.out).toContain('* here are ann, bob\n')
    expect(bob.out).not.toContain('bob: hello all')

    ann.type('anybody?')
    await chat.said('ann: anybody?')
    ann.endInput()
    expect(await ann.exitCode, ann.error).toBe(0)
    await chat.said('* ann left')
    chat.interrupt()
    expect(await chat.exitCode).toBe(0)
    expect(chat.out.trimEnd().split('\n')).toEqual([
      '* the room is open, waiting for guests',
      '* ann came in',
      '* bob came in',
      'bob: hello all',
      '* bob left',
      'ann: anybody?',
      '* ann left',
    ])
  })

  it('lets two guests talk who type', async () => {
    await using chat = room()
    await chat.said('* the room is open, waiting for guests')
    await using ann = guest('ann')
    await chat.said('* ann came in')
    await using bob = guest('bob')
    await ann.said('* bob came in')
    ann.type('/who')
    await ann.said('* here are ann, bob')
    ann.type('hello bob')
    await bob.said('ann: hello bob')
    bob.type('hello ann')
    await ann.said('bob: hello ann')
    bob.endInput()
    await ann.said('* bob left')
    expect(await bob.exitCode, bob.error).toBe(0)
  })

  it('opens the room itself when there is none', async () => {
    await using ann = guest('ann', '--script', 'hi;/who')
    expect(await ann.exitCode, ann.error).toBe(0)
    expect(ann.out).toContain('* here are ann\n')
  })

  it('lets a guest stay whom nobody hears', async () => {
    await using ann = guest('ann', '--role', 'guest')
    ann.type('hello?')
    await ann.said('(nobody heard it: TOPIC_NOT_ONLINE')
    ann.endInput()
    expect(await ann.exitCode, ann.error).toBe(0)
  })

  it('says on one line what is wrong', async () => {
    await using program = new Program(['--bogus'])
    expect(await program.exitCode).toBe(1)
    expect(program.error).toMatch(/^chatroom: .*--bogus.*\n$/)
  })
})
