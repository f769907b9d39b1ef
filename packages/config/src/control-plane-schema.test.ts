import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { ControlPlaneConfig, ConfigInput } from './frontier-config.js'
import { resolveFrontierConfig } from './resolve-config.js'
import { readTokens } from './token-files.js'

const resolve = (controlplane: ConfigInput<ControlPlaneConfig>): ControlPlaneConfig => resolveFrontierConfig({ controlplane }).controlplane
const mtls = { tls: { enable: true, mtls: true, ca_certs: ['ca.pem'], certs: [{ cert: 'a', key: 'b' }] } }
const olga = { name: 'olga', role: 'admin' } as const

describe('controlplane', () => {
  it('is off, on port 30010, and open', () => {
    expect(resolve({})).toMatchObject({ enable: false, listen: { addr: '0.0.0.0:30010' }, auth: { tokens: [], certificates: [] }, audit: { file: '' } })
  })

  it('takes tokens and certificates', () => {
    const tokens = [{ ...olga, token: 'a-token-of-olga-1' }, { ...olga, token_file: 'olga.token' }]
    const certificates = [{ name: 'ops', role: 'read', san: 'DNS:ops' }]
    const { auth } = resolve({ listen: mtls, auth: { tokens, certificates } as never })
    expect(auth.tokens).toMatchObject([{ token: 'a-token-of-olga-1' }, { token_file: 'olga.token' }])
    expect(auth.certificates).toEqual([{ name: 'ops', role: 'read', san: 'DNS:ops' }])
  })

  it.each([
    [{ listen: { network: 'memory', addr: 'x' } }, 'controlplane.listen.network must be tcp or unix'],
    [{ auth: { tokens: [{ ...olga }] } }, 'controlplane.auth.tokens[0].token must be given, or token_file, and not both'],
    [{ auth: { tokens: [{ ...olga, token: 'x'.repeat(20), token_file: 'f' }] } }, 'not both'],
    [{ auth: { tokens: [{ ...olga, token: 'short' }] } }, 'must be 16 characters or more'],
    [{ auth: { tokens: [{ ...olga, token: 'a token with spaces in it' }] } }, 'without spaces'],
    [{ auth: { tokens: [{ name: 'x', role: 'root', token: 'x'.repeat(20) }] } }, 'must be one of read, admin, not "root"'],
    [{ auth: { certificates: [{ ...olga, subject: 'CN=a' }] } }, 'controlplane.auth.certificates needs listen.tls.mtls: true'],
    [{ listen: mtls, auth: { certificates: [{ ...olga }] } }, 'must be given, or san, and not both'],
    [{ max_body_bytes: 1 }, 'must be at least 1024'],
    [{ auth: { token: [] } }, 'unknown key controlplane.auth.token; did you mean tokens?'],
  ])('refuses %j', (input, message) => {
    expect(() => resolve(input as never)).toThrow(message)
  })

  it('never repeats a token', () => {
    expect(() => resolve({ auth: { tokens: [{ ...olga, token: 'my secret' }] } })).toThrow(/^(?!.*my secret)/)
  })
})

describe('readTokens', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'frontier-token-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('takes the first line of a file', async () => {
    const file = path.join(folder, 'good')
    await writeFile(file, 'a-token-in-a-file \nsomething else\n')
    expect(await readTokens([{ ...olga, token_file: file }, { ...olga, token: 'in-the-configuration' }])).toEqual([
      { ...olga, token: 'a-token-in-a-file' },
      { ...olga, token: 'in-the-configuration' },
    ])
  })

  it('says which file is no good', async () => {
    const file = path.join(folder, 'bad')
    await writeFile(file, 'short\n')
    await expect(readTokens([{ ...olga, token_file: file }])).rejects.toThrow(`${file} has no token`)
    await expect(readTokens([{ ...olga, token_file: `${file}-not` }])).rejects.toThrow('there is no such file')
  })
})
