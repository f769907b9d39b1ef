import type { Command } from './command.js'
import { bashScript } from './completion-bash.js'
import { fishScript } from './completion-fish.js'
import { placesOf } from './completion-words.js'
import { zshScript } from './completion-zsh.js'

/** The completion script of a shell for a table of commands. */
export function completionScript(commands: readonly Command[], shell: 'bash' | 'zsh' | 'fish'): string {
  const places = placesOf(commands)
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](places)
}
