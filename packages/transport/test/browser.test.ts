import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

import * as browser from '../src/index.browser.js'
import * as node from '../src/index.js'
import { Recorder, until } from './recorder.js'

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

describe('in a browser', () => {
  it('the bundle has nothing of Node in it', async () => {
    const result = await build({
      entryPoints: [pathOf('../src/index.browser.ts')],
      alias: { '@frontier/wire': pathOf('../../wire/src/index.ts') },
      bundle: true,
      platform: 'browser',
      format: 'esm',
      write: false,
      metafile: true,
      minifyWhitespace: true, // comments may speak of Node
      logLevel: 'silent',
    })
    const imports = Object.values(result.metafile.inputs).flatMap((input) => input.imports.filter(({ external }) => external))
    expect(imports).toEqual([])
    expect(result.outputFiles[0]!.text).not.toMatch(/(from|import|require)\W+node:|\bBuffer[.(]|\bprocess\./)
  })

  it('package.json sends browsers there', async () => {
    const manifest: unknown = JSON.parse(await readFile(pathOf('../package.json'), 'utf8'))
    expect(manifest).toMatchObject({ exports: { '.': { browser: { default: './dist/index.browser.js' } } } })
  })

  it('has the same names', () => {
    expect(Object.keys(browser).sort()).toEqual(Object.keys(node).sort())
  })

  it('memory works, with the pipes that the same process has', async () => {
    await using listener = await browser.listen('memory://tab', { onPipe: (pipe) => pipe.start(far) })
    const far = new Recorder()
    const pipe = await browser.dial(listener.address)
    Recorder.on(pipe)
    pipe.write([Uint8Array.of(1, 2)])
    await until(() => far.length === 2)
    pipe.end()
    await until(() => far.ends === 1)
  })

  it.each(['tcp://gateway:1', 'tls://gateway:1', 'unix:///x', 'wss://gateway'])('%s is INVALID_ARGUMENT', async (address) => {
    await expect(browser.dial(address)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(browser.listen(address, { onPipe: () => undefined })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('there are no servers', async () => {
    await expect(browser.openServer({}, { transport: 'tcp', host: 'a', port: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('there are no Node streams', () => {
    expect(() => browser.toDuplex({} as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
