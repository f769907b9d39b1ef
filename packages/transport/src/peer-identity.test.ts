import { describe, expect, it } from 'vitest'

import { parseAltNames } from './peer-identity.js'

describe('parseAltNames', () => {
  it.each([
    ['DNS:edge-7', ['DNS:edge-7']],
    ['DNS:a, URI:spiffe://acme/edge/7, IP Address:10.0.0.7', ['DNS:a', 'URI:spiffe://acme/edge/7', 'IP:10.0.0.7']],
    ['IP Address:0:0:0:0:0:0:0:1, email:a@b.example', ['IP:0:0:0:0:0:0:0:1', 'email:a@b.example']],
    ['DNS:"a, DNS:admin", DNS:b', ['DNS:a, DNS:admin', 'DNS:b']],
    ['', []],
  ])('splits %j', (text, names) => {
    expect(parseAltNames(text)).toEqual(names)
  })
})
