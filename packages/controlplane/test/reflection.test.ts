import { createFileRegistry, fromBinary, getOption, type Registry } from '@bufbuild/protobuf'
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'
import { create } from '@bufbuild/protobuf'
import { createClient } from '@connectrpc/connect'
import { describe, expect, it } from 'vitest'

import { http } from '../src/gen/google/api/annotations_pb.js'
import { ServerReflection, type ServerReflectionRequest } from '../src/gen/grpc/reflection/v1/reflection_pb.js'
import { ServerReflection as Alpha } from '../src/gen/grpc/reflection/v1alpha/reflection_pb.js'
import { testPlane, transportOf } from './test-plane.js'

type Question = Exclude<ServerReflectionRequest['messageRequest'], { case: undefined }>

describe.each([
  ['v1', ServerReflection],
  ['v1alpha', Alpha as unknown as typeof ServerReflection],
])('reflection %s', (_, service) => {
  /** The answers to `questions`, all asked in one stream. */
  async function ask(url: string, ...questions: Question[]) {
    const client = createClient(service, transportOf('grpc', url))
    const answers = []
    async function* requests() {
      for (const messageRequest of questions) yield { host: 'h', messageRequest }
    }
    for await (const answer of client.serverReflectionInfo(requests())) {
      expect(answer).toMatchObject({ validHost: 'h', originalRequest: { host: 'h' } })
      answers.push(answer.messageResponse)
    }
    return answers
  }

  it('lists the services', async () => {
    await using plane = await testPlane()
    const [answer] = await ask(plane.url, { case: 'listServices', value: '*' })
    expect(answer).toMatchObject({
      case: 'listServicesResponse',
      value: {
        service: [
          { name: 'controlplane.ControlPlane' },
          { name: 'frontier.v1.Admin' },
          { name: 'grpc.health.v1.Health' },
          { name: 'grpc.reflection.v1.ServerReflection' },
          { name: 'grpc.reflection.v1alpha.ServerReflection' },
        ],
      },
    })
  })

  it('knows the details of errors, so that tools can show them', async () => {
    await using plane = await testPlane()
    const [answer] = await ask(plane.url, { case: 'fileContainingSymbol', value: 'google.rpc.ErrorInfo' })
    expect(registryOf(answer).getMessage('google.rpc.ErrorInfo')?.fields.map(({ name }) => name)).toEqual(['reason', 'domain', 'metadata'])
  })

  it.each(['frontier.v1.Admin', 'frontier.v1.Admin.KickEdge', 'frontier.v1.Edge', 'frontier.v1.Edge.edge_id', 'frontier.v1.Role'])(
    'hands out the files behind %s, with all that they import',
    async (symbol) => {
      await using plane = await testPlane()
      const [answer] = await ask(plane.url, { case: 'fileContainingSymbol', value: symbol })
      const registry = registryOf(answer)
      const admin = registry.getService('frontier.v1.Admin')!
      expect(admin.methods).toHaveLength(18)
      expect(getOption(admin.method['kickEdge']!, http).pattern).toEqual({ case: 'delete', value: '/v2/edges/{edge_id}' })
      expect(registry.getMessage('google.protobuf.Timestamp')).toBeDefined()
    },
  )

  it('finds files and extensions', async () => {
    await using plane = await testPlane()
    const extension = { containingType: 'google.protobuf.MethodOptions', extensionNumber: 72295728 }
    const [file, extended, numbers, none] = await ask(
      plane.url,
      { case: 'fileByFilename', value: 'controlplane.proto' },
      { case: 'fileContainingExtension', value: extension as never },
      { case: 'allExtensionNumbersOfType', value: extension.containingType },
      { case: 'allExtensionNumbersOfType', value: 'frontier.v1.Edge' },
    )
    expect(registryOf(file).getService('controlplane.ControlPlane')!.methods).toHaveLength(9)
    expect(registryOf(extended).getExtension('google.api.http')).toBeDefined()
    expect(numbers).toMatchObject({ value: { extensionNumber: [72295728] } })
    expect(none).toMatchObject({ value: { extensionNumber: [] } })
  })

  it('says what it does not know', async () => {
    await using plane = await testPlane()
    const answers = await ask(
      plane.url,
      { case: 'fileContainingSymbol', value: 'no.such.Thing' },
      { case: 'fileByFilename', value: '../secret.proto' },
      { case: 'allExtensionNumbersOfType', value: 'no.such.Thing' },
      { case: 'fileContainingExtension', value: { containingType: 'frontier.v1.Edge', extensionNumber: 1 } as never },
    )
    for (const answer of answers) expect(answer).toMatchObject({ case: 'errorResponse', value: { errorCode: 5 } })
  })
})

function registryOf(answer: { case: string | undefined; value?: unknown } | undefined): Registry {
  expect(answer?.case).toBe('fileDescriptorResponse')
  const { fileDescriptorProto } = answer!.value as { fileDescriptorProto: Uint8Array[] }
  // The file that was asked for comes first; a registry wants what is imported before.
  const file = fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes)).reverse()
  return createFileRegistry(create(FileDescriptorSetSchema, { file }))
}
