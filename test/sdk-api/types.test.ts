// sdk-api.md as types: nothing here runs but the compiler (npm run typecheck); vitest checks that the names exist.
import type * as edgeSdk from '@frontier/edge'
import { connectEdge } from '@frontier/edge'
import type {
  Bytes,
  CallOptions,
  CloseReason,
  Content,
  Edge,
  EdgeOptions,
  End,
  FrontierError,
  FrontierErrorCode,
  Handler,
  HandlerResult,
  Id,
  LinkOptions,
  Message,
  PublishOptions,
  Reply,
  Request,
  Status,
  Stream,
  StreamInfo,
} from '@frontier/edge'
import { createFrontier, type Frontier, type FrontierConfigInput } from '@frontier/gateway'
import type * as serviceSdk from '@frontier/service'
import { connectService, type EdgeInfo, type Hooks, type NewEdge, type Service, type ServiceOptions } from '@frontier/service'
import { listen, toDuplex } from '@frontier/transport'
import type { Duplex } from 'node:stream'
import { describe, expectTypeOf, it } from 'vitest'

/** Whether `T` has exactly these keys: an addition is fine, what is missing is not. */
type Has<T, K extends keyof T> = K

describe('shared', () => {
  it('Bytes, Id, LinkOptions', () => {
    expectTypeOf<Bytes>().toEqualTypeOf<Uint8Array | string>()
    expectTypeOf<Id>().toEqualTypeOf<bigint | number>()
    expectTypeOf<
      Has<
        LinkOptions,
        | 'id'
        | 'labels'
        | 'token'
        | 'tls'
        | 'reconnect'
        | 'connectTimeoutMs'
        | 'firstConnectTimeoutMs'
        | 'timeoutMs'
        | 'maxPayloadBytes'
        | 'maxInFlight'
        | 'methods'
        | 'onMessage'
        | 'onStream'
        | 'onStatus'
        | 'signal'
      >
    >().toBeString()
    expectTypeOf<{
      id: 1n
      labels: Record<string, string>
      token: () => Promise<string>
      tls: { ca: string; cert: string; key: string; servername: string; rejectUnauthorized: boolean }
      reconnect: { initialDelayMs: number; maxDelayMs: number; factor: number }
      connectTimeoutMs: number
      firstConnectTimeoutMs: number
      timeoutMs: number
      maxPayloadBytes: number
      maxInFlight: number
      methods: Record<string, Handler>
      onMessage: (message: Message) => Promise<void>
      onStream: (stream: Stream) => void
      onStatus: (status: Status) => void
      signal: AbortSignal
    }>().toExtend<LinkOptions>()
    expectTypeOf<{ reconnect: false; token: string; id: number }>().toExtend<LinkOptions>()
    expectTypeOf<{ reconnect: true }>().not.toExtend<LinkOptions>()
    expectTypeOf<{ id: string }>().not.toExtend<LinkOptions>()
  })

  it('options of calls and publishes', () => {
    expectTypeOf<{ timeoutMs: number; signal: AbortSignal; meta: Bytes }>().toExtend<CallOptions>()
    expectTypeOf<PublishOptions>().toExtend<CallOptions>()
    expectTypeOf<NonNullable<PublishOptions['delivery']>>().toEqualTypeOf<'acked' | 'at-most-once'>()
  })

  it('Content, Reply, Request, Handler, Message', () => {
    expectTypeOf<Content['data']>().toEqualTypeOf<Uint8Array>()
    expectTypeOf<Content['meta']>().toEqualTypeOf<Uint8Array>()
    expectTypeOf<Content['text']>().toEqualTypeOf<() => string>()
    expectTypeOf<Content['json']>().toEqualTypeOf<<T>() => T>()
    expectTypeOf<Reply>().toExtend<Content>()
    expectTypeOf<Request>().toExtend<Content>()
    expectTypeOf<Pick<Request, 'method' | 'edgeId' | 'signal' | 'deadline'>>().toEqualTypeOf<{
      readonly method: string
      readonly edgeId: bigint
      readonly signal: AbortSignal
      readonly deadline: Date | undefined
    }>()
    expectTypeOf<HandlerResult>().toEqualTypeOf<Bytes | void | { data?: Bytes; meta?: Bytes }>()
    expectTypeOf<Handler>().toEqualTypeOf<(request: Request) => HandlerResult | Promise<HandlerResult>>()
    expectTypeOf<Message>().toExtend<Content>()
    expectTypeOf<Message['done']>().toEqualTypeOf<() => void>()
    expectTypeOf<Message['fail']>().toEqualTypeOf<(reason: string | Error) => void>()
    expectTypeOf<Pick<Message, 'topic' | 'edgeId'>>().toEqualTypeOf<{ readonly topic: string; readonly edgeId: bigint }>()
  })

  it('Status is a union told apart by type', () => {
    expectTypeOf<Status>().toEqualTypeOf<
      | { type: 'online'; id: bigint; resumed: boolean }
      | { type: 'offline'; error: FrontierError }
      | { type: 'retrying'; attempt: number; delayMs: number }
      | { type: 'draining'; reason: string }
      | { type: 'closed'; reason: CloseReason }
    >()
    expectTypeOf<CloseReason>().toEqualTypeOf<{ code: FrontierErrorCode | 'CLOSED'; message: string; error?: FrontierError }>()
  })

  it('FrontierError and its codes', () => {
    expectTypeOf<FrontierErrorCode>().toEqualTypeOf<
      | 'EDGE_NOT_ONLINE'
      | 'SERVICE_NOT_ONLINE'
      | 'RPC_NOT_ONLINE'
      | 'TOPIC_NOT_ONLINE'
      | 'ILLEGAL_EDGE_ID'
      | 'RECORD_NOT_FOUND'
      | 'TIMEOUT'
      | 'BUFFER_FULL'
      | 'EOF'
      | 'CANCELLED'
      | 'PAYLOAD_TOO_LARGE'
      | 'STREAM_RESET'
      | 'STREAM_REFUSED'
      | 'REMOTE_ERROR'
      | 'UNAUTHENTICATED'
      | 'PERMISSION_DENIED'
      | 'RATE_LIMITED'
      | 'SLOW_CONSUMER'
      | 'REPLACED'
      | 'KICKED'
      | 'DRAINING'
      | 'BRIDGE_UNAVAILABLE'
      | 'PROTOCOL_ERROR'
      | 'INVALID_ARGUMENT'
      | 'UNAVAILABLE'
    >()
    expectTypeOf<FrontierError>().toExtend<Error>()
    expectTypeOf<Pick<FrontierError, 'code' | 'retryable' | 'delivered' | 'origin'>>().toEqualTypeOf<{
      readonly code: FrontierErrorCode
      readonly retryable: boolean
      readonly delivered: 'no' | 'maybe'
      readonly origin: 'local' | 'gateway' | 'peer'
    }>()
    expectTypeOf<FrontierError['cause']>().toEqualTypeOf<unknown>()
  })
})

describe('End', () => {
  it('has what edge and service have in common', () => {
    expectTypeOf<Edge>().toExtend<End>()
    expectTypeOf<Service>().toExtend<End>()
    expectTypeOf<End>().toExtend<AsyncDisposable>()
    expectTypeOf<End['id']>().toEqualTypeOf<bigint>()
    expectTypeOf<End['state']>().toEqualTypeOf<'connecting' | 'online' | 'offline' | 'draining' | 'closed'>()
    expectTypeOf<End['register']>().toExtend<(method: string, handler: Handler) => Promise<Disposable>>()
    expectTypeOf<End['messages']>().toEqualTypeOf<() => AsyncIterable<Message>>()
    expectTypeOf<End['onMessage']>().toEqualTypeOf<(handler: (message: Message) => void | Promise<void>) => Disposable>()
    expectTypeOf<End['streams']>().toEqualTypeOf<() => AsyncIterable<Stream>>()
    expectTypeOf<End['onStream']>().toExtend<
      (handler: (stream: Stream) => void | Promise<void>, options?: { accept?: (info: StreamInfo) => void | Promise<void> }) => Disposable
    >()
    expectTypeOf<End['listStreams']>().toEqualTypeOf<() => Stream[]>()
    expectTypeOf<End['onStatus']>().toEqualTypeOf<(listener: (status: Status) => void) => Disposable>()
    expectTypeOf<End['closed']>().toEqualTypeOf<Promise<CloseReason>>()
    expectTypeOf<End['drain']>().toExtend<(options?: { timeoutMs?: number }) => Promise<void>>()
    expectTypeOf<End['close']>().toEqualTypeOf<() => Promise<void>>()
    expectTypeOf<End['abort']>().toEqualTypeOf<(reason?: Error) => void>()
  })
})

describe('Stream', () => {
  it('is bytes, an it-pipe duplex, and what a link offers', () => {
    expectTypeOf<Stream>().toExtend<AsyncIterable<Uint8Array> & AsyncDisposable>()
    expectTypeOf<Pick<Stream, 'id' | 'edgeId' | 'service' | 'meta' | 'source' | 'bytesAcked' | 'closed'>>().toEqualTypeOf<{
      readonly id: number
      readonly edgeId: bigint
      readonly service: string
      readonly meta: Uint8Array
      readonly source: AsyncIterable<Uint8Array>
      readonly bytesAcked: number
      readonly closed: Promise<CloseReason>
    }>()
    expectTypeOf<Stream['sink']>().toExtend<(source: AsyncIterable<Uint8Array>) => Promise<void>>()
    expectTypeOf<Stream['write']>().toExtend<(chunk: Bytes, options?: { signal?: AbortSignal }) => Promise<void>>()
    expectTypeOf<Stream['closeWrite']>().toEqualTypeOf<() => Promise<void>>()
    expectTypeOf<Stream['reset']>().toEqualTypeOf<(reason?: Error) => void>()
    expectTypeOf<Stream['close']>().toEqualTypeOf<() => Promise<void>>()
    expectTypeOf<Stream['call']>().toExtend<(method: string, data?: Bytes, options?: CallOptions) => Promise<Reply>>()
    expectTypeOf<Stream['register']>().toExtend<(method: string, handler: Handler) => Promise<Disposable>>()
    expectTypeOf<Stream['publish']>().toExtend<(topic: string, data: Bytes, options?: PublishOptions) => Promise<void>>()
    expectTypeOf<Stream['messages']>().toEqualTypeOf<() => AsyncIterable<Message>>()
  })

  it('toDuplex and listen take what the SDKs give', () => {
    expectTypeOf<Stream>().toExtend<Parameters<typeof toDuplex>[0]>()
    expectTypeOf(toDuplex).returns.toEqualTypeOf<Duplex>()
    const serve = (edge: Edge, service: Service): void => {
      for (const end of [edge, service]) {
        listen(end).on('connection', (duplex, stream) => {
          expectTypeOf(duplex).toEqualTypeOf<Duplex>()
          expectTypeOf(stream).toEqualTypeOf<Stream>()
        })
      }
    }
    expectTypeOf(serve).toBeFunction()
  })
})

describe('Edge', () => {
  it('connects, calls, publishes, opens streams', () => {
    expectTypeOf(connectEdge).toExtend<(address: string | string[], options?: EdgeOptions) => Promise<Edge>>()
    expectTypeOf<EdgeOptions>().toExtend<LinkOptions & { meta?: Bytes | undefined }>()
    expectTypeOf<LinkOptions & { meta?: Bytes }>().toExtend<EdgeOptions>()
    expectTypeOf<Edge['call']>().toEqualTypeOf<(method: string, data?: Bytes, options?: CallOptions) => Promise<Reply>>()
    expectTypeOf<Edge['publish']>().toEqualTypeOf<(topic: string, data: Bytes, options?: PublishOptions) => Promise<void>>()
    expectTypeOf<Edge['openStream']>().toExtend<(service: string, options?: { meta?: Bytes; timeoutMs?: number; signal?: AbortSignal }) => Promise<Stream>>()
  })
})

describe('Service', () => {
  it('connects, calls, publishes, opens streams, has hooks', () => {
    expectTypeOf(connectService).toExtend<(address: string | string[], options?: ServiceOptions) => Promise<Service>>()
    expectTypeOf<LinkOptions & { name?: string; topics?: string[]; hooks?: Hooks }>().toExtend<ServiceOptions>()
    expectTypeOf<Service['name']>().toEqualTypeOf<string>()
    expectTypeOf<Service['call']>().toEqualTypeOf<(edgeId: Id, method: string, data?: Bytes, options?: CallOptions) => Promise<Reply>>()
    expectTypeOf<Service['publish']>().toExtend<(edgeId: Id, data: Bytes, options?: PublishOptions & { topic?: string }) => Promise<void>>()
    expectTypeOf<Service['openStream']>().toExtend<(edgeId: Id, options?: { meta?: Bytes; timeoutMs?: number; signal?: AbortSignal }) => Promise<Stream>>()
    expectTypeOf<Service['onGetEdgeId']>().toExtend<(handler: (edge: NewEdge) => Id | Promise<Id>) => Promise<Disposable>>()
    expectTypeOf<Service['onEdgeOnline']>().toExtend<(handler: (edge: EdgeInfo) => void | Promise<void>) => Promise<Disposable>>()
    expectTypeOf<Service['onEdgeOffline']>().toExtend<(handler: (edge: EdgeInfo) => void | Promise<void>) => Promise<Disposable>>()
    expectTypeOf<{
      getEdgeId: (edge: NewEdge) => Promise<number>
      edgeOnline: (edge: EdgeInfo) => Promise<void>
      edgeOffline: (edge: EdgeInfo) => void
      snapshot: boolean
    }>().toExtend<Hooks>()
  })

  it('is told who an edge is', () => {
    expectTypeOf<NewEdge>().toEqualTypeOf<{
      readonly meta: Uint8Array
      readonly address: string
      readonly wantedId?: bigint
      readonly labels: Record<string, string>
      readonly identity?: { subject?: string; san?: string[] }
    }>()
    expectTypeOf<EdgeInfo>().toExtend<NewEdge>()
    expectTypeOf<Pick<EdgeInfo, 'edgeId' | 'generation' | 'at'>>().toEqualTypeOf<{ readonly edgeId: bigint; readonly generation: number; readonly at: Date }>()
  })
})

describe('Frontier', () => {
  it('is made from a configuration object, and disposable', () => {
    expectTypeOf(createFrontier).returns.toEqualTypeOf<Promise<Frontier>>()
    expectTypeOf(createFrontier).parameter(0).toEqualTypeOf<FrontierConfigInput | undefined>()
    expectTypeOf(createFrontier).toBeCallableWith()
    expectTypeOf(createFrontier).toBeCallableWith({})
    expectTypeOf(createFrontier).toBeCallableWith({ edgebound: { listen: { addr: '127.0.0.1:0' } } })
    expectTypeOf<Frontier>().toExtend<AsyncDisposable>()
    expectTypeOf<Frontier['addresses']>().toExtend<{ readonly edgebound: string; readonly servicebound: string }>()
    expectTypeOf<Has<Frontier, 'registry' | 'exchange'>>().toBeString()
    expectTypeOf<Frontier['drain']>().toExtend<(options?: { timeoutMs?: number }) => Promise<void>>()
    expectTypeOf<Frontier['close']>().toEqualTypeOf<() => Promise<void>>()
  })
})

describe('re-exports', () => {
  it('both SDKs hand out the same shared names', () => {
    expectTypeOf<edgeSdk.Stream>().toEqualTypeOf<serviceSdk.Stream>()
    expectTypeOf<edgeSdk.FrontierError>().toEqualTypeOf<serviceSdk.FrontierError>()
    expectTypeOf<typeof edgeSdk.json>().toEqualTypeOf<typeof serviceSdk.json>()
    expectTypeOf<edgeSdk.Status>().toEqualTypeOf<serviceSdk.Status>()
  })
})
