import { setMaxListeners } from 'node:events'
import { createRequire } from 'node:module'

import { Access } from './access.js'
import { adminService } from './admin-service.js'
import { AuditLog } from './audit-log.js'
import type { ControlPlaneBackend } from './backend.js'
import { DescriptorIndex } from './descriptor-index.js'
import { Dispatcher } from './dispatcher.js'
import { docsPage } from './docs-page.js'
import { EventFeed } from './event-feed.js'
import { familyService } from './family-service.js'
import { file_google_rpc_error_details } from './gen/google/rpc/error_details_pb.js'
import { healthService } from './health-service.js'
import { createHttpHandler } from './http-handler.js'
import type { ImplementedService } from './implementation.js'
import { describeRest, type OpenApiDocument } from './openapi.js'
import { resolveOptions, type ControlPlaneOptions } from './options.js'
import { Port } from './port.js'
import { reflectionServices } from './reflection-service.js'
import { createRestHandler, type RestHandlerOptions } from './rest-handler.js'
import { createRpcHandler } from './rpc-handler.js'

/** How long requests have to end when the port closes. */
const CLOSE_GRACE_MS = 1_000

/** A running control plane. */
export interface ControlPlane extends AsyncDisposable {
  /** Where it listens, with the real port: `tcp://127.0.0.1:30010`. */
  readonly address: string
  /** Ends all streams, lets requests end within a second, and closes the port. */
  close(): Promise<void>
}

/**
 * Opens the port on which operators and their programs reach `backend`: gRPC, gRPC-Web, Connect and REST at once.
 * Rejects with INVALID_ARGUMENT for options that do not hold, UNAVAILABLE when the address cannot be had.
 */
export async function createControlPlane(backend: ControlPlaneBackend, options: ControlPlaneOptions): Promise<ControlPlane> {
  const settings = resolveOptions(options)
  const { logger, maxBodyBytes, requestTimeoutMs } = settings
  const audit = await AuditLog.open(settings.auditFile, logger)
  const access = new Access(settings.tokens, settings.certificates)
  const services = allServices(backend)
  const shutdown = new AbortController()
  const shutdownSignal = shutdown.signal
  // Every stream listens to it.
  setMaxListeners(0, shutdownSignal)
  const dispatcher = new Dispatcher({ services, access, audit, logger })
  const rpc = createRpcHandler({ dispatcher, logger, maxBodyBytes, shutdownSignal })
  const rest = createRestHandler({ dispatcher, maxBodyBytes, shutdownSignal, pages: pagesOf(services) })
  const port = new Port(settings, createHttpHandler({ rpc, rest, requestTimeoutMs, logger }))
  await port.open()
  const { address } = port
  if (access.isOpen) logger.debug({ address }, 'the control plane asks nobody for a token')
  let closing: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      shutdown.abort()
      await port.close(CLOSE_GRACE_MS)
      await audit.close()
    })())
  return { address, close, [Symbol.asyncDispose]: close }
}

function allServices(backend: ControlPlaneBackend): ImplementedService[] {
  const own = [familyService(backend), adminService(backend, new EventFeed(backend))]
  const names = own.map(({ service }) => service.typeName)
  const health = healthService(backend, names)
  const described = [...own, health]
  let index: DescriptorIndex | undefined
  // Made when somebody asks: most gateways are never reflected on.
  const reflection = reflectionServices(
    // No service imports the details of errors, which tools look up to show them.
    () => (index ??= new DescriptorIndex([...[...described, ...reflection].map(({ service }) => service.file), file_google_rpc_error_details])),
    described.map(({ service }) => service.typeName),
  )
  return [...described, ...reflection]
}

function pagesOf(services: readonly ImplementedService[]): RestHandlerOptions['pages'] {
  let document: OpenApiDocument | undefined
  const described = (): OpenApiDocument => (document ??= describeRest(services.map(({ service }) => service), packageVersion()))
  const policy = "default-src 'none'; style-src 'unsafe-inline'"
  return {
    '/openapi.json': () => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(described()) }),
    '/docs': () => ({
      headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy, 'x-content-type-options': 'nosniff' },
      body: docsPage(described()),
    }),
  }
}

function packageVersion(): string {
  const manifest = createRequire(import.meta.url)('../package.json') as { version: string }
  return manifest.version
}
