import { DEFAULT_MAX_FRAME_BYTES, DEFAULT_MAX_PAYLOAD_BYTES, LARGEST_MAX_FRAME_BYTES } from '@frontier/wire'
import { z } from 'zod'

import { controlPlaneSchema } from './control-plane-schema.js'
import type { FrontierConfig, LimitsConfig } from './frontier-config.js'
import { listenSchema } from './listen-schema.js'
import { mqmSchema } from './mqm-schema.js'

const KIB = 1024
const MIB = 1024 * KIB

const edgeLimits: LimitsConfig = {
  max_links: 1_000_000,
  queue_mark_bytes: MIB,
  queue_hard_mark_bytes: 16 * MIB,
  max_requests_to: 8_192,
  max_requests_from: 8_192,
  max_streams: 4_096,
  stream_queue_bytes: 64 * MIB,
  max_names: 1_024,
}

const serviceLimits: LimitsConfig = {
  max_links: 100_000,
  queue_mark_bytes: 8 * MIB,
  queue_hard_mark_bytes: 64 * MIB,
  max_requests_to: 65_536,
  max_requests_from: 131_072,
  max_streams: 65_536,
  stream_queue_bytes: 256 * MIB,
  max_names: 65_536,
}

/** An integer, written so that a mistake by a unit (`30ms`, `1.5`) is told and not rounded. */
const whole = (least: number, most = 2 ** 31 - 1): z.ZodNumber => z.int().min(least).max(most)

const seconds = (fallback: number) => z.number().positive().max(86_400).default(fallback)

function limitsSchema(defaults: LimitsConfig) {
  return z
    .strictObject({
      max_links: whole(1).default(defaults.max_links),
      queue_mark_bytes: whole(64 * KIB).default(defaults.queue_mark_bytes),
      queue_hard_mark_bytes: whole(64 * KIB).default(defaults.queue_hard_mark_bytes),
      max_requests_to: whole(1).default(defaults.max_requests_to),
      max_requests_from: whole(1).default(defaults.max_requests_from),
      max_streams: whole(1).default(defaults.max_streams),
      stream_queue_bytes: whole(MIB).default(defaults.stream_queue_bytes),
      max_names: whole(1).default(defaults.max_names),
    })
    .superRefine(({ queue_mark_bytes: mark, queue_hard_mark_bytes: hardMark }, context) => {
      if (hardMark >= mark) return
      const message = `must not be below queue_mark_bytes, which is ${mark}`
      context.addIssue({ code: 'custom', path: ['queue_hard_mark_bytes'], message })
    })
    .prefault({})
}

function boundShape(addr: string, limits: LimitsConfig) {
  return {
    listen: listenSchema(addr),
    ping_interval_seconds: seconds(30),
    handshake_timeout_seconds: seconds(10),
    sniff_timeout_seconds: seconds(5),
    limits: limitsSchema(limits),
  }
}

const allocation = z
  .union([z.boolean(), z.literal('until_seen')], { error: () => 'must be true, false or until_seen' })
  .default(true)

/** Text is compared in lower case, as the family does with levels. */
const level = z.preprocess(
  (value) => (typeof value === 'string' ? value.toLowerCase() : value),
  z.enum(['debug', 'info', 'warn', 'error']),
)

/** The family's names of its backends, and ours: buntdb, its default, keeps everything in memory, and so does ours. */
const daoBackend = z.preprocess(
  (value) => (value === 'buntdb' ? 'memory' : value === 'sqlite' ? 'sqlite3' : value),
  z.enum(['memory', 'sqlite3'], { error: () => 'must be memory (or buntdb) or sqlite3 (or sqlite)' }),
)

/** What a frontier.yaml may say. Fills in the defaults. */
export const frontierSchema: z.ZodType<FrontierConfig> = z.strictObject({
  log: z.strictObject({ level: level.prefault('info') }).prefault({}),
  daemon: z
    .strictObject({
      frontier_id: z
        .string()
        .max(255)
        .regex(/^[^\s\p{Cc}]*$/u, { error: () => 'must not contain spaces or control characters' })
        .default(''),
      drain_seconds: z.number().min(0).max(86_400).default(30),
    })
    .prefault({}),
  servicebound: z.strictObject(boundShape('0.0.0.0:30011', serviceLimits)).prefault({}),
  edgebound: z
    .strictObject({ ...boundShape('0.0.0.0:30012', edgeLimits), edgeid_alloc_when_no_idservice_on: allocation })
    .prefault({}),
  exchange: z
    .strictObject({
      hashby: z.enum(['edgeid', 'srcip', 'random']).default('edgeid'),
      resume_key: z
        .string()
        .refine((key) => key === '' || key.length >= 16, { error: () => 'is too short for a secret: 16 characters or more' })
        .default(''),
      max_frame_bytes: whole(DEFAULT_MAX_FRAME_BYTES, LARGEST_MAX_FRAME_BYTES).default(DEFAULT_MAX_FRAME_BYTES),
      max_payload_bytes: whole(KIB, 1024 * MIB).default(DEFAULT_MAX_PAYLOAD_BYTES),
    })
    .prefault({}),
  controlplane: controlPlaneSchema,
  dao: z
    .strictObject({
      backend: daoBackend.prefault('memory'),
      file: z.string().default(''),
      debug: z.boolean().default(false),
    })
    .superRefine(({ backend, file }, context) => {
      if (file === '' || backend === 'sqlite3') return
      context.addIssue({ code: 'custom', path: ['file'], message: 'is for backend sqlite3 only' })
    })
    .prefault({}),
  mqm: mqmSchema,
})
