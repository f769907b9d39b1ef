import type { CliHost } from './cli-host.js'
import { bytesForTerminal } from './escape.js'
import type { Input } from './input.js'
import type { Output } from './output.js'

/** The bytes that a DATA argument stands for: its text, stdin for `-`, none when it is absent. */
export async function payloadOf(input: Input, host: CliHost): Promise<Uint8Array> {
  const text = input.text('DATA')
  return text === '-' ? host.readStdin() : Buffer.from(text ?? '')
}

/** Writes bytes as they are; to a terminal as text with a line end, in which nothing speaks to the terminal. */
export async function writePayload(out: Output, data: Uint8Array): Promise<void> {
  if (!out.isTerminal) return data.length > 0 ? out.write(data) : undefined
  const text = bytesForTerminal(data)
  if (text !== '') await out.write(text.endsWith('\n') ? text : `${text}\n`)
}

/** Bytes as JSON has them: base64, and the same as text where they are UTF-8. */
export function payloadJson(data: Uint8Array): { data: string; text?: string } {
  const base64 = Buffer.from(data).toString('base64')
  try {
    return { data: base64, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data) }
  } catch {
    return { data: base64 }
  }
}
