import { z } from 'zod'

import { endpointProblem } from './endpoint.js'
import type { ConfigInput } from './frontier-config.js'
import type { ListenConfig } from './listen-config.js'

const certificateFiles = z.strictObject({ cert: z.string().min(1), key: z.string().min(1) })

const listenTls = z
  .strictObject({
    enable: z.boolean().default(false),
    mtls: z.boolean().default(false),
    ca_certs: z.array(z.string().min(1)).default([]),
    certs: z.array(certificateFiles).default([]),
    insecure_skip_verify: z.literal(false, { error: () => 'is about dialling: a listener can only say false' }).default(false),
  })
  .superRefine((tls, context) => {
    const complain = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    if (tls.enable && tls.certs.length === 0) complain('certs', 'must name a certificate when tls is enabled')
    if (tls.enable && tls.mtls && tls.ca_certs.length === 0) complain('ca_certs', 'must name an authority when mtls is on')
    if (tls.mtls && !tls.enable) complain('mtls', 'needs tls.enable: true')
  })

const networks = ['tcp', 'unix', 'memory'] as const

const network = z.enum(networks, {
  error: ({ input }) => (input === 'udp' ? 'udp is not supported: links need an ordered, lossless connection; use tcp' : undefined),
})

/** The schema of a `listen` section whose `addr` has a default. */
export function listenSchema(defaultAddr: string): z.ZodPrefault<z.ZodType<ListenConfig, ConfigInput<ListenConfig>>> {
  return z
    .strictObject({
      network: network.default('tcp'),
      addr: z.string().default(defaultAddr),
      advertised_addr: z.string().default(''),
      tls: listenTls.prefault({}),
    })
    .superRefine((listen, context) => {
      const problem = endpointProblem(listen.network, listen.addr)
      if (problem !== undefined) context.addIssue({ code: 'custom', path: ['addr'], message: problem })
      if (listen.tls.enable && listen.network !== 'tcp') {
        context.addIssue({ code: 'custom', path: ['tls', 'enable'], message: `needs network tcp, not ${listen.network}` })
      }
    })
    .prefault({})
}
