/** Control lines have 4,096 bytes by default, for subject, reply and sizes. */
const MAX_SUBJECT_BYTES = 1_024

/** Why `subject` is none that a message may go to; undefined = it is one. */
export function subjectFault(subject: string): string | undefined {
  const fault = shapeFault(subject)
  if (fault !== undefined) return fault
  if (/[*>]/.test(subject)) return 'it has a wildcard'
  // Whoever may write there commands the server: creates and deletes streams, answers requests of others.
  if (subject.startsWith('$') || subject.startsWith('_INBOX.')) return 'it belongs to the server'
  return undefined
}

/** Why `subject` is none that can be listened to. */
export function patternFault(subject: string): string | undefined {
  const fault = shapeFault(subject)
  if (fault !== undefined) return fault
  const tokens = subject.split('.')
  if (tokens.some((token, index) => token === '>' && index < tokens.length - 1)) return 'only its last token may be >'
  return undefined
}

function shapeFault(subject: string): string | undefined {
  if (subject === '') return 'it is empty'
  if (/[\s\p{Cc}]/u.test(subject)) return 'it has a space or a control character'
  if (subject.startsWith('.') || subject.endsWith('.') || subject.includes('..')) return 'one of its tokens is empty'
  if (Buffer.byteLength(subject) > MAX_SUBJECT_BYTES) return `it is longer than ${MAX_SUBJECT_BYTES} bytes`
  return undefined
}

/** Whether everything that `narrow` fits is something that `wide` fits. */
export function subjectCovers(wide: string, narrow: string): boolean {
  const wideTokens = wide.split('.')
  const narrowTokens = narrow.split('.')
  for (const [index, token] of wideTokens.entries()) {
    const other = narrowTokens[index]
    if (other === undefined) return false
    if (token === '>') return true
    if (other === '>' || (token !== '*' && token !== other)) return false
  }
  return wideTokens.length === narrowTokens.length
}
