/** Keys of the family's frontier.yaml that this version does not have yet. They are refused, but not as if nobody knew them. */
export const laterKeys: ReadonlySet<string> = new Set([
  'frontlas',
  'observability',
  'log.output',
  'log.format',
  'log.file',
  'daemon.rlimit',
  'daemon.pprof',
  'edgebound.bypass',
  'edgebound.bypass_enable',
])
