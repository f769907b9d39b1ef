/** Names and reasons come from peers: none of them may begin a line of its own, or speak to the terminal. */
export function escapeControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`)
}

/** Bytes for a terminal: text where it is text, with line ends and tabs; `\x1b` for all that would speak to the terminal or is no UTF-8. */
export function bytesForTerminal(bytes: Uint8Array): string {
  let text = ''
  let at = 0
  const decoder = new TextDecoder('utf-8', { fatal: true })
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at]!)
    let character: string | undefined
    try {
      if (length > 0) character = decoder.decode(bytes.subarray(at, at + length))
    } catch {
      // A byte that is no part of UTF-8.
    }
    if (character === undefined || character === '') text += hex(bytes[at]!)
    else if (/[\p{Cc}\p{Cf}]/u.test(character) && !/[\n\t]/.test(character)) text += [...bytes.subarray(at, at + length)].map(hex).join('')
    else text += character
    at += character === undefined || character === '' ? 1 : length
  }
  return text
}

function sequenceLength(first: number): number {
  if (first < 0x80) return 1
  if (first >= 0xc2 && first < 0xe0) return 2
  if (first >= 0xe0 && first < 0xf0) return 3
  return first >= 0xf0 && first < 0xf5 ? 4 : 0
}

function hex(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`
}
