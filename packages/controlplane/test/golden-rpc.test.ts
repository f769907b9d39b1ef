import { create, fromJson, toJson, type DescMethodUnary, type JsonValue } from '@bufbuild/protobuf'
import type { Transport } from '@connectrpc/connect'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { ControlPlane } from '../src/gen/controlplane_pb.js'
import { load, readGolden } from './golden.js'
import { protocolNames, testPlane, transportOf, type TestPlane } from './test-plane.js'

interface RpcCase {
  name: string
  method: string
  message: JsonValue
  json?: JsonValue
  error?: { code: number; message?: string }
}

describe.each(['rpc-1', 'rpc-2'])('the family over RPC: %s', (name) => {
  const { state, cases } = readGolden<RpcCase>(name)
  let plane: TestPlane
  beforeAll(async () => {
    plane = await testPlane()
    load(plane.backend, state)
  })
  afterAll(() => plane[Symbol.asyncDispose]())

  describe.each(protocolNames)('%s', (protocol) => {
    let transport: Transport
    beforeAll(() => {
      transport = transportOf(protocol, plane.url)
    })

    it.each(cases)('$name', async ({ method: methodName, message, json, error }) => {
      const method = ControlPlane.methods.find((one) => one.name === methodName) as DescMethodUnary
      const input = create(method.input, fromJson(method.input, message))
      const called = transport.unary(method, undefined, undefined, undefined, input)
      if (error !== undefined) {
        await expect(called).rejects.toMatchObject({ code: error.code, ...(error.message !== undefined && { rawMessage: error.message }) })
        return
      }
      expect(toJson(method.output, (await called).message, { alwaysEmitImplicit: true })).toEqual(json)
    })
  })
})
