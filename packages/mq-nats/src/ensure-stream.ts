import { FrontierError } from '@frontier/wire'
import { nanos, RetentionPolicy, StorageType, type JetStreamManager, type StreamInfo } from 'nats'

import { natsError } from './nats-errors.js'
import type { JetStreamSettings } from './nats-settings.js'
import { subjectCovers } from './nats-subject.js'

/**
 * Makes sure that there is the stream, and that it takes the subjects. What is there is not changed.
 * @throws INVALID_ARGUMENT when it is missing and cannot be created, or does not take a subject.
 */
export async function ensureStream(manager: JetStreamManager, settings: JetStreamSettings): Promise<void> {
  const { name, subjects } = settings
  const found = (await findStream(manager, name)) ?? (await createStream(manager, settings))
  const taken = found.config.subjects
  const missing = subjects.filter((subject) => !taken.some((pattern) => subjectCovers(pattern, subject)))
  if (missing.length === 0) return
  throw new FrontierError('INVALID_ARGUMENT', `nats: the stream ${name} is there, but it does not take ${missing.join(', ')}: it takes ${taken.join(', ')}`)
}

/** The stream of that name; undefined = there is none. */
export async function findStream(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name)
  } catch (thrown) {
    const error = natsError(thrown, `stream ${name}`)
    if (error.code === 'RECORD_NOT_FOUND') return undefined
    throw error
  }
}

async function createStream(manager: JetStreamManager, settings: JetStreamSettings): Promise<StreamInfo> {
  const { name, subjects, create, storage, replicas, maxAgeMs, maxBytes, duplicateWindowMs } = settings
  if (!create) throw new FrontierError('INVALID_ARGUMENT', `nats: there is no stream ${name}, and none is to be created`)
  if (subjects.length === 0) throw new FrontierError('INVALID_ARGUMENT', `nats: there is no stream ${name}, and jetStream.subjects does not say what it shall take`)
  try {
    return await manager.streams.add({
      name,
      subjects: [...subjects],
      retention: RetentionPolicy.Limits,
      storage: storage === 'file' ? StorageType.File : StorageType.Memory,
      num_replicas: replicas,
      // The window may not be longer than messages live.
      duplicate_window: nanos(maxAgeMs === undefined ? duplicateWindowMs : Math.min(duplicateWindowMs, maxAgeMs)),
      ...(maxAgeMs !== undefined && { max_age: nanos(maxAgeMs) }),
      ...(maxBytes !== undefined && { max_bytes: maxBytes }),
    })
  } catch (thrown) {
    const error = natsError(thrown, `creating stream ${name}`)
    // Another gateway may have been first.
    const found = await findStream(manager, name).catch(() => undefined)
    if (found !== undefined) return found
    throw error
  }
}
