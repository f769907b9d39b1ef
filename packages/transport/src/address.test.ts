import { describe, expect, it } from 'vitest'

import { formatAddress, parseAddress, toAddress } from './address.js'

describe('parseAddress', () => {
  it.each([
    ['tcp://127.0.0.1:30011', { transport: 'tcp', host: '127.0.0.1', port: 30011 }],
    ['TCP://gateway.example:1/', { transport: 'tcp', host: 'gateway.example', port: 1 }],
    ['tls://[::1]:30012', { transport: 'tls', host: '::1', port: 30012 }],
    ['tcp://[fe80::1%eth0]:9', { transport: 'tcp', host: 'fe80::1%eth0', port: 9 }],
    ['localhost:0', { transport: 'tcp', host: 'localhost', port: 0 }],
    [':30011', { transport: 'tcp', host: '0.0.0.0', port: 30011 }],
    ['unix:///run/frontier.sock', { transport: 'unix', path: '/run/frontier.sock' }],
    ['memory://a/b:c', { transport: 'memory', name: 'a/b:c' }],
  ])('reads %s', (text, address) => {
    expect(parseAddress(text)).toEqual(address)
    expect(toAddress(parseAddress(text))).toEqual(address)
  })

  it.each([
    ['', 'has no port'],
    ['gateway', 'has no port'],
    ['tcp://gateway', 'has no port'],
    ['tcp://gateway:70000', 'port above 65535'],
    ['tcp://gateway:-1', 'is none of'],
    ['tcp://user@gateway:1', 'is none of'],
    ['tcp://gateway:1/path', 'is none of'],
    ['::1:30011', 'needs brackets'],
    ['tcp://fe80::1:30011', 'needs brackets'],
    ['unix://relative/path', 'absolute path'],
    [`unix:///${'x'.repeat(107)}`, 'more than 107 bytes'],
    ['memory://', 'has no name'],
    ['ws://gateway:80/link', 'come later'],
    ['wss://gateway/link', 'come later'],
    ['frontlas+http://atlas:40011', 'come later'],
    ['frontlas+https://atlas:40011', 'come later'],
    ['http://gateway:80', 'is none of'],
  ])('refuses %j', (text, reason) => {
    expect(() => parseAddress(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringContaining(reason) }),
    )
  })

  it('is undone by formatAddress', () => {
    for (const text of ['tcp://a:1', 'tls://[::1]:2', 'unix:///x', 'memory://m']) {
      expect(formatAddress(parseAddress(text))).toBe(text)
    }
  })
})
