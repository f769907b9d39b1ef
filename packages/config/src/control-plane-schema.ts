import { z } from 'zod'

import type { ConfigInput, ControlPlaneConfig } from './frontier-config.js'
import { listenSchema } from './listen-schema.js'

const MIN_TOKEN_CHARS = 16

const name = z.string().min(1).max(255)
const role = z.enum(['read', 'admin'])

const text = z.string().min(1).optional()

const token = z.strictObject({ name, role, token: text, token_file: text }).superRefine((grant, context) => {
  const complain = (message: string): void => context.addIssue({ code: 'custom', path: ['token'], message })
  if ((grant.token === undefined) === (grant.token_file === undefined)) complain('must be given, or token_file, and not both')
  if (grant.token !== undefined && !isToken(grant.token)) complain(`must be ${MIN_TOKEN_CHARS} characters or more, without spaces`)
})

const certificate = z.strictObject({ name, role, subject: text, san: text }).superRefine((grant, context) => {
  if ((grant.subject === undefined) !== (grant.san === undefined)) return
  context.addIssue({ code: 'custom', path: ['subject'], message: 'must be given, or san, and not both' })
})

/** Whether `text` is good for a bearer token: long enough not to be guessed, and one word. */
export function isToken(text: string): boolean {
  return text.length >= MIN_TOKEN_CHARS && /^\S+$/.test(text)
}

/** The section `controlplane`. */
export const controlPlaneSchema: z.ZodPrefault<z.ZodType<ControlPlaneConfig, ConfigInput<ControlPlaneConfig>>> = z
  .strictObject({
    enable: z.boolean().default(false),
    listen: listenSchema('0.0.0.0:30010'),
    auth: z.strictObject({ tokens: z.array(token).default([]), certificates: z.array(certificate).default([]) }).prefault({}),
    audit: z.strictObject({ file: z.string().default('') }).prefault({}),
    max_body_bytes: z.int().min(1024).max(1_073_741_824).default(4_194_304),
  })
  .superRefine(({ listen, auth }, context) => {
    const complain = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message })
    if (listen.network === 'memory') complain(['listen', 'network'], 'must be tcp or unix: nothing in this process dials it')
    if (auth.certificates.length > 0 && !listen.tls.mtls) complain(['auth', 'certificates'], 'needs listen.tls.mtls: true')
  })
  .prefault({})
