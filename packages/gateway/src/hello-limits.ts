import { MAX_KEY_BYTES } from '@frontier/wire'

/** What a HELLO may hold at most, beside the 256 KiB of all its bytes. */
export const HELLO_LIMITS: Readonly<Record<'labels' | 'labelBytes' | 'tokenChars' | 'resumeChars' | 'agentChars' | 'names' | 'nameBytes', number>> = {
  /** Labels, and the bytes of all their names and values together. */
  labels: 16,
  labelBytes: 1024,
  tokenChars: 16_384,
  resumeChars: 512,
  agentChars: 256,
  /** Methods, and as many topics; the exchange may allow a role less. */
  names: 65_536,
  nameBytes: MAX_KEY_BYTES,
}
