/** What `--only` takes, in the order in which the cases run. */
export const caseNames = ['calls', 'messages', 'scaling', 'tls', 'stuck', 'peers', 'bridges', 'stream', 'streams', 'beside', 'long-path', 'connects', 'restart', 'idle'] as const

/** The name of a case. */
export type CaseName = (typeof caseNames)[number]
