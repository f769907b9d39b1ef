import { z } from 'zod'

import type { ControlPlaneConfig } from './frontier-config.js'
import { listenSchema } from './listen-schema.js'

const MIN_TOKEN_CHARS = 16

const name = z.string().min(1).max(255)
const role = z.enum(['read', 'admin'])

const token = z
  .strictObject({ name, role, token: z.string().default(''), token_file: z.string().default('') })
  .superRefine((grant, context) => {
    const complain = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    if ((grant.token === '') === (grant.token_file === '')) complain('token', 'must be given, or token_file, and not both')
    if (grant.token !== '' && !isToken(grant.token)) complain('token', `must be ${MIN_TOKEN_CHARS} characters or more, without spaces`)
  })

const certificate = z
  .strictObject({ name, role, subject: z.string().default(''), san: z.string().default('') })
  .superRefine((grant, context) => {
    if ((grant.subject === '') !== (grant.san === '')) return
    context.addIssue({ code: 'custom', path: ['subject'], message: 'must be given, or san, and not both' })
  })

/** Whether `text` is good for a bearer token: long enough not to be guessed, and one word. */
export function isToken(text: string): boolean {
  return text.length >= MIN_TOKEN_CHARS && /^\S+$/.test(text)
}

/** The section `controlplane`. */
export const controlPlaneSchema: z.ZodPrefault<z.ZodType<ControlPlaneConfig>> = z
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
