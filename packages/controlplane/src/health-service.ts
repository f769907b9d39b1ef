import { FrontierError } from '@frontier/wire'

import type { ControlPlaneBackend } from './backend.js'
import { Health, HealthCheckResponse_ServingStatus as ServingStatus } from './gen/grpc/health/v1/health_pb.js'
import { implement, type ImplementedService } from './implementation.js'

/** grpc.health.v1: SERVING until the gateway drains. `names` are the services that it knows, beside the whole server. */
export function healthService(backend: ControlPlaneBackend, names: readonly string[]): ImplementedService {
  const status = (): ServingStatus => (backend.isDraining ? ServingStatus.NOT_SERVING : ServingStatus.SERVING)
  const isKnown = (name: string): boolean => name === '' || name === Health.typeName || names.includes(name)
  return implement(Health, {
    check({ service }) {
      if (!isKnown(service)) throw new FrontierError('RECORD_NOT_FOUND', 'unknown service')
      return { status: status() }
    },
    async *watch({ service }, { signal }) {
      if (!isKnown(service)) {
        yield { status: ServingStatus.SERVICE_UNKNOWN }
        await aborted(signal)
        return
      }
      yield { status: status() }
      if (!backend.isDraining) {
        await draining(backend, signal)
        if (!signal.aborted) yield { status: ServingStatus.NOT_SERVING }
      }
      await aborted(signal)
    },
  })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function draining(backend: ControlPlaneBackend, signal: AbortSignal): Promise<void> {
  let watching: Disposable | undefined
  const drained = new Promise<void>((resolve) => {
    watching = backend.onDraining(resolve)
  })
  await Promise.race([drained, aborted(signal)])
  watching?.[Symbol.dispose]()
}
