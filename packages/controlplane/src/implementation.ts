import type {
  DescMethod,
  DescMethodBiDiStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf'

import type { Principal } from './access.js'

/** One call of a method, whatever protocol it came by. */
export interface Call {
  readonly principal: Principal
  /** Aborts when the caller goes away, when its deadline passes, and when the control plane closes. */
  readonly signal: AbortSignal
  /** What is left of the caller's own deadline. */
  readonly timeoutMs: number | undefined
}

/** A function behind a method. It fails with a FrontierError; anything else thrown is a fault, of which the caller is told nothing. */
export type MethodFunction<M extends DescMethod> =
  M extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, call: Call) => Promise<MessageInitShape<O>> | MessageInitShape<O>
    : M extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, call: Call) => AsyncIterable<MessageInitShape<O>>
      : M extends DescMethodBiDiStreaming<infer I, infer O>
        ? (requests: AsyncIterable<MessageShape<I>>, call: Call) => AsyncIterable<MessageInitShape<O>>
        : never

/** A function for each method of a service. */
export type Implementation<S extends DescService> = { readonly [P in keyof S['method']]: MethodFunction<S['method'][P]> }

/** A service with its functions, its types forgotten: what goes through the transports. */
export interface ImplementedService {
  readonly service: DescService
  readonly functionOf: (method: DescMethod) => AnyMethodFunction
}

/** A {@link MethodFunction} of whatever kind: its method says which. */
export type AnyMethodFunction = (request: never, call: Call) => unknown

/** Puts a service and its functions together. */
export function implement<S extends DescService>(service: S, implementation: Implementation<S>): ImplementedService {
  const functions = implementation as Readonly<Record<string, AnyMethodFunction>>
  return { service, functionOf: (method) => functions[method.localName]! }
}
