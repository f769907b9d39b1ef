import { randomUUID } from 'node:crypto'

import { describe, expect, it } from 'vitest'

import { dial, listen, type BytePipe } from '../src/index.js'
import { linkBytes, Recorder, until } from './recorder.js'

const resources = (): number => process.getActiveResourcesInfo().filter((kind) => !/^(Immediate|PipeWrap|TTYWrap)$/.test(kind)).length

describe('a thousand pipes leave nothing behind', () => {
  it.each([
    ['tcp', () => '127.0.0.1:0', (near: BytePipe) => near.end()],
    ['tcp, destroyed', () => '127.0.0.1:0', (near: BytePipe) => near.destroy()],
    ['memory', () => `memory://${randomUUID()}`, (near: BytePipe) => near.end()],
  ])('%s', async (_name, address, close) => {
    const baseline = resources()
    const listener = await listen(address(), {
      onPipe: (pipe) => void Recorder.on(pipe),
    })
    const collectable: WeakRef<BytePipe>[] = []
    for (let round = 0; round < 100; round++) {
      const batch = await Promise.all(Array.from({ length: 10 }, () => dial(listener.address)))
      const recorders = batch.map((pipe) => Recorder.on(pipe))
      for (const pipe of batch) {
        pipe.write([linkBytes()])
        collectable.push(new WeakRef(pipe))
        close(pipe)
      }
      await until(() => recorders.every((recorder) => recorder.ends === 1))
    }
    await listener.close()
    await until(() => resources() <= baseline)
    await until(() => {
      globalThis.gc?.()
      return collectable.filter((pipe) => pipe.deref() !== undefined).length <= 20
    })
    expect(collectable).toHaveLength(1_000)
  })

  it('failed and given-up dials leave no handle and no listener', async () => {
    const baseline = resources()
    const closed = await listen('127.0.0.1:0', { onPipe: () => undefined })
    await closed.close()
    const controller = new AbortController()
    for (let round = 0; round < 20; round++) {
      await Promise.allSettled(Array.from({ length: 10 }, () => dial(closed.address, { signal: controller.signal })))
    }
    await until(() => resources() <= baseline)
  })
})
