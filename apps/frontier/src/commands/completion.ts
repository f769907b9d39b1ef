import type { Command } from '../cli/command.js'
import { given } from '../cli/input.js'

/** `frontier completion` */
export const completion: Command = {
  path: ['completion'],
  summary: 'print the completion script of a shell',
  positionals: [{ name: 'SHELL', kind: 'choice', choices: ['bash', 'zsh', 'fish'], summary: 'bash, zsh or fish' }],
  usesGateway: false,
  examples: [
    ['source <(frontier completion bash)', 'in ~/.bashrc'],
    ['frontier completion zsh > ~/.zfunc/_frontier', 'in a folder of $fpath, before compinit'],
    ['frontier completion fish > ~/.config/fish/completions/frontier.fish', 'read when it is needed'],
  ],
  async run(input, host) {
    const { completionScript } = await import('../cli/completion-script.js')
    const { commandTable } = await import('../command-table.js')
    await host.out.write(completionScript(commandTable, given(input.text('SHELL')) as 'bash' | 'zsh' | 'fish'))
  },
}
