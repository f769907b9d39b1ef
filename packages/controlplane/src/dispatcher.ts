import { ScalarType, toJson, type DescMethod, type JsonValue, type Message } from '@bufbuild/protobuf'
import { reflect } from '@bufbuild/protobuf/reflect'
import { FrontierError, isFrontierError } from '@frontier/wire'

import type { Access, Credential, Principal } from './access.js'
import type { AuditLog } from './audit-log.js'
import { connectErrorOf, failureOf, type Failure } from './failure.js'
import type { AnyMethodFunction, Call, ImplementedService } from './implementation.js'
import type { ControlPlaneLogger } from './logger.js'
import { fullName, rightOf } from './method-rights.js'

/** Who calls, and how. */
export interface Caller extends Credential {
  /** Remote address. */
  readonly address: string
  readonly protocol: string
  readonly signal: AbortSignal
  /** What is left of the caller's own deadline. */
  readonly timeoutMs: number | undefined
}

/** The fields of a message, of which its schema makes one. */
export type Fields = Record<string, unknown>

/** What all calls go through, whatever protocol they came by. */
export interface DispatcherOptions {
  services: readonly ImplementedService[]
  access: Access
  audit: AuditLog
  logger: ControlPlaneLogger
}

/** Streams at once that anybody may open: reflection, and watching the health. */
const MAX_PUBLIC_STREAMS = 1_024

/** Lets callers in, runs methods, writes the audit log. What it throws, and tells, is ready to be sent. */
export class Dispatcher {
  readonly services: readonly ImplementedService[]
  readonly #functions = new Map<DescMethod, AnyMethodFunction>()
  readonly #access: Access
  readonly #audit: AuditLog
  readonly #logger: ControlPlaneLogger
  #publicStreams = 0

  constructor(options: DispatcherOptions) {
    this.services = options.services
    this.#access = options.access
    this.#audit = options.audit
    this.#logger = options.logger
    for (const { service, functionOf } of options.services) {
      for (const method of service.methods) this.#functions.set(method, functionOf(method))
    }
  }

  /** Whether the caller may call `method`, for those who want to know before they read a body. @throws a FrontierError */
  admit(method: DescMethod, caller: Credential): Principal {
    const right = rightOf(method)
    if (right === 'public') return { name: 'anonymous', role: 'read' }
    const principal = this.#access.identify(caller)
    if (right === 'admin' && principal.role !== 'admin') {
      throw new FrontierError('PERMISSION_DENIED', `${principal.name} may look, but not change anything`)
    }
    return principal
  }

  /** Whether it is known who the caller is, or need not be. */
  isKnown(method: DescMethod, caller: Credential): boolean {
    return rightOf(method) === 'public' || this.#principalOf(caller) !== undefined
  }

  /** Whether everybody may do everything. */
  get isOpen(): boolean {
    return this.#access.isOpen
  }

  /** Writes down that a call was not let in whose request nobody has read; `target` is as much as is known of it. */
  async refused(method: DescMethod, target: Readonly<Record<string, string>>, caller: Caller, thrown: unknown): Promise<void> {
    if (rightOf(method) === 'admin') await this.#write(method, target, caller, { principal: this.#principalOf(caller), result: resultOf(thrown) })
  }

  /** Runs a method with one answer. Rejects with what the method threw. */
  async answer(method: DescMethod, request: Message, caller: Caller): Promise<Fields> {
    let principal: Principal | undefined
    let result = 'OK'
    try {
      principal = this.admit(method, caller)
      return await (this.#run(method, request, caller, principal) as Promise<Fields>)
    } catch (thrown) {
      principal ??= this.#principalOf(caller)
      result = resultOf(thrown)
      throw thrown
    } finally {
      if (rightOf(method) === 'admin') await this.#write(method, targetOf(method, request), caller, { principal, result })
    }
  }

  /** Runs a method with a stream of answers; `request` is a message, or for a stream of requests, their iterable. Throws what the method throws. */
  async *stream(method: DescMethod, request: unknown, caller: Caller): AsyncGenerator<Fields, void> {
    const principal = this.admit(method, caller)
    if (rightOf(method) !== 'public') {
      yield* this.#run(method, request, caller, principal) as AsyncIterable<Fields>
      return
    }
    if (this.#publicStreams >= MAX_PUBLIC_STREAMS) throw new FrontierError('RATE_LIMITED', `${MAX_PUBLIC_STREAMS} streams are open that need no token, more are not allowed`)
    this.#publicStreams++
    try {
      yield* this.#run(method, request, caller, principal) as AsyncIterable<Fields>
    } finally {
      this.#publicStreams--
    }
  }

  /** What to tell of `thrown`; faults are logged. */
  failure(thrown: unknown, method: DescMethod): Failure {
    const failure = failureOf(thrown)
    if (failure.isFault) this.#logger.error({ error: thrown, method: fullName(method) }, 'a method of the control plane failed')
    return failure
  }

  /** As {@link failure}, as what gRPC, gRPC-Web and Connect throw. */
  connectError(thrown: unknown, method: DescMethod): Error {
    return connectErrorOf(this.failure(thrown, method))
  }

  #run(method: DescMethod, request: unknown, { signal, timeoutMs }: Caller, principal: Principal): unknown {
    const call: Call = { principal, signal, timeoutMs }
    return this.#functions.get(method)!(request as never, call)
  }

  /** Who it is that is not let in, when it is somebody. */
  #principalOf(caller: Credential): Principal | undefined {
    try {
      return this.#access.identify(caller)
    } catch {
      return undefined
    }
  }

  async #write(
    method: DescMethod,
    target: Readonly<Record<string, string>>,
    { address, protocol }: Caller,
    outcome: { principal: Principal | undefined; result: string },
  ): Promise<void> {
    await this.#audit.write({
      at: Date.now(),
      who: outcome.principal?.name ?? '',
      role: outcome.principal?.role ?? '',
      address,
      protocol,
      method: fullName(method),
      target,
      result: outcome.result,
    })
  }
}

/** Ids, names, times and reasons of a request. Payloads are bytes, or in a oneof, and stay out. */
function targetOf(method: DescMethod, request: Message): Record<string, string> {
  const message = reflect(method.input, request)
  const target: Record<string, string> = {}
  for (const field of method.input.fields) {
    if (field.oneof !== undefined || !message.isSet(field)) continue
    if (field.fieldKind === 'message') target[field.name] = textOf(toJson(field.message, message.get(field).message))
    else if (field.fieldKind === 'scalar' && field.scalar !== ScalarType.BYTES) target[field.name] = String(message.get(field))
  }
  return target
}

function resultOf(thrown: unknown): string {
  return isFrontierError(thrown) ? thrown.code : 'UNKNOWN'
}

/** Times and durations are text in JSON. */
function textOf(json: JsonValue): string {
  return typeof json === 'string' ? json : JSON.stringify(json)
}
