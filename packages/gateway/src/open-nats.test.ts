import { resolveFrontierConfig } from '@frontier/config'
import { expect, it } from 'vitest'
import { openNats } from './open-nats.js'

it('says which subjects are not used', async () => {
  const warnings: string[] = []
  const logger = { info: () => undefined, warn: (_: object, text: string) => void warnings.push(text), error: () => undefined }
  const open = async (jetstream: object): Promise<readonly string[]> => {
    const { mqm } = resolveFrontierConfig({ mqm: { nats: { enable: true, addrs: ['a:1'], producer: { subjects: ['a'] }, jetstream } } })
    return (await openNats(mqm.nats, logger)).topics
  }
  expect(await open({})).toEqual(['a'])
  expect(warnings).toEqual([])
  expect(await open({ enable: true, name: 'stream', producer: { subjects: ['b'] } })).toEqual(['b'])
  expect(warnings).toEqual([expect.stringMatching(/^mqm\.nats\.producer\.subjects is not used/)])
})
