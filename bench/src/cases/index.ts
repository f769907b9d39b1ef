import type { BenchCase } from '../bench-case.js'
import type { CaseName } from '../case-names.js'
import { beside } from './beside.js'
import { bridges } from './bridges.js'
import { calls } from './calls.js'
import { connects } from './connects.js'
import { idle } from './idle.js'
import { longPath } from './long-path.js'
import { messages } from './messages.js'
import { peers } from './peers.js'
import { restart } from './restart.js'
import { scaling } from './scaling.js'
import { stream } from './stream.js'
import { streams } from './streams.js'
import { stuck } from './stuck.js'
import { tls } from './tls.js'

/** The cases by name. */
export const cases: Record<CaseName, BenchCase> = { calls, messages, scaling, tls, stuck, peers, bridges, stream, streams, beside, 'long-path': longPath, connects, restart, idle }
