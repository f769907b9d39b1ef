import { Code } from '@connectrpc/connect'

import type { DescriptorIndex } from './descriptor-index.js'
import { ServerReflection, type ServerReflectionRequest } from './gen/grpc/reflection/v1/reflection_pb.js'
import {
  ServerReflection as ServerReflectionAlpha,
  type ServerReflectionRequest as AlphaRequest,
} from './gen/grpc/reflection/v1alpha/reflection_pb.js'
import { implement, type ImplementedService } from './implementation.js'

/** gRPC server reflection, in both versions that tools ask for. `names` are the services that it tells of, beside its own. */
export function reflectionServices(index: () => DescriptorIndex, names: readonly string[]): ImplementedService[] {
  const services = [...names, ServerReflection.typeName, ServerReflectionAlpha.typeName].sort()
  return [
    implement(ServerReflection, {
      async *serverReflectionInfo(requests) {
        for await (const request of requests) {
          yield { validHost: request.host, originalRequest: request, messageResponse: answerOf(request, index(), services) }
        }
      },
    }),
    implement(ServerReflectionAlpha, {
      async *serverReflectionInfo(requests) {
        for await (const request of requests) {
          yield { validHost: request.host, originalRequest: request, messageResponse: answerOf(request, index(), services) }
        }
      },
    }),
  ]
}

/** What fits both versions, which differ in nothing but their names. */
type Answer =
  | { case: 'listServicesResponse'; value: { service: { name: string }[] } }
  | { case: 'fileDescriptorResponse'; value: { fileDescriptorProto: Uint8Array[] } }
  | { case: 'allExtensionNumbersResponse'; value: { baseTypeName: string; extensionNumber: number[] } }
  | { case: 'errorResponse'; value: { errorCode: number; errorMessage: string } }

function answerOf({ messageRequest }: ServerReflectionRequest | AlphaRequest, index: DescriptorIndex, services: readonly string[]): Answer {
  switch (messageRequest.case) {
    case 'listServices':
      return { case: 'listServicesResponse', value: { service: services.map((name) => ({ name })) } }
    case 'fileByFilename':
      return filesOf(index, index.file(messageRequest.value), messageRequest.value)
    case 'fileContainingSymbol':
      return filesOf(index, index.fileOf(messageRequest.value), messageRequest.value)
    case 'fileContainingExtension': {
      const { containingType, extensionNumber } = messageRequest.value
      return filesOf(index, index.fileOfExtension(containingType, extensionNumber), `${containingType} ${extensionNumber}`)
    }
    case 'allExtensionNumbersOfType': {
      const numbers = index.extensionNumbers(messageRequest.value)
      if (numbers === undefined) return errorOf(Code.NotFound, `not found: ${messageRequest.value}`)
      return { case: 'allExtensionNumbersResponse', value: { baseTypeName: messageRequest.value, extensionNumber: numbers } }
    }
    case undefined:
      return errorOf(Code.InvalidArgument, 'the request asks nothing')
  }
}

function filesOf(index: DescriptorIndex, file: Parameters<DescriptorIndex['closureOf']>[0] | undefined, what: string): Answer {
  if (file === undefined) return errorOf(Code.NotFound, `not found: ${what}`)
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto: index.closureOf(file) } }
}

function errorOf(code: Code, message: string): Answer {
  return { case: 'errorResponse', value: { errorCode: code, errorMessage: message } }
}
