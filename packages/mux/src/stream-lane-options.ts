import { DEFAULT_MAX_FRAME_BYTES, FrontierError, LARGEST_MAX_FRAME_BYTES } from '@frontier/wire'
import { INITIAL_WINDOW_BYTES } from './yamux-frame.js'

/** How a lane of streams behaves. */
export interface StreamLaneOptions {
  /** 'client': opens odd ids (whoever dialled), 'server': even ones. */
  role: 'client' | 'server'
  /** Longest frame sent, its 12-byte header included; 32,768 by default. */
  maxFrameBytes?: number
  /** How far the receiving window of one stream may grow: 8 MiB by default, which fills 400 Mbit/s over 100 ms. At least 256 KiB. */
  maxWindowBytes?: number
  /** How far all windows of the lane may grow together beyond the first 256 KiB of each: 64 MiB by default. */
  maxGrowthBytes?: number
}

/** {@link StreamLaneOptions} with the defaults in place. */
export type ResolvedStreamLaneOptions = Required<StreamLaneOptions>

/** Fills in the defaults. @throws INVALID_ARGUMENT for a number out of range. */
export function resolveStreamLaneOptions(options: StreamLaneOptions): ResolvedStreamLaneOptions {
  const { role, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES, maxWindowBytes = 8_388_608, maxGrowthBytes = 67_108_864 } = options
  check('maxFrameBytes', maxFrameBytes, 1024, LARGEST_MAX_FRAME_BYTES)
  check('maxWindowBytes', maxWindowBytes, INITIAL_WINDOW_BYTES, 0x7fff_ffff)
  check('maxGrowthBytes', maxGrowthBytes, 0, Number.MAX_SAFE_INTEGER)
  return { role, maxFrameBytes, maxWindowBytes, maxGrowthBytes }
}

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new FrontierError('INVALID_ARGUMENT', `${name} must be a whole number of ${least} to ${most}, not ${value}`)
}
