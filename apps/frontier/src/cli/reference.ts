import { flagsOf, gatewayFlags, type Command } from './command.js'
import { exitCodeMeanings, exitCodeOf, exitCodes } from './exit-code.js'
import { flagSummary, flagText, usageLine } from './help.js'

/** The part of docs/cli.md that comes from the table of commands. */
export function referenceText(commands: readonly Command[]): string {
  return [
    '## Exit codes\n',
    exitCodeTable(),
    '## Flags of every command that asks a gateway\n',
    flagTable(gatewayFlags),
    '## Commands\n',
    ...commands.map((command) => commandSection(command)),
  ].join('\n')
}

function exitCodeTable(): string {
  const rows = Object.entries(exitCodeMeanings).map(([name, meaning]) => {
    const code = exitCodes[name as keyof typeof exitCodes]
    const codes = Object.entries(exitCodeOf).filter(([, exit]) => exit === code).map(([error]) => `\`${error}\``)
    return `| ${code} | ${meaning} | ${codes.join(', ')} |`
  })
  return `| exit code | meaning | [errors](errors.md) |\n|---|---|---|\n${rows.join('\n')}\n`
}

function commandSection(command: Command): string {
  const shared = flagsOf(command).filter((flag) => !gatewayFlags.includes(flag) && flag.name !== 'help')
  const parts = [
    `### frontier ${command.path.join(' ')}\n`,
    `\`${usageLine(command)}\`\n`,
    `${command.summary.slice(0, 1).toUpperCase()}${command.summary.slice(1)}.\n`,
    ...(command.details ?? []).map((paragraph) => `${paragraph.replaceAll('\\', '\\\\')}\n`),
    (command.positionals ?? []).length > 0 ? `| argument | meaning |\n|---|---|\n${(command.positionals ?? []).map(({ name, summary }) => `| \`${name}\` | ${cell(summary)} |`).join('\n')}\n` : '',
    shared.length > 0 ? flagTable(shared) : '',
    `\`\`\`sh\n${command.examples.map(([line, meaning]) => `${line}   # ${meaning}`).join('\n')}\n\`\`\`\n`,
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function flagTable(flags: readonly Parameters<typeof flagText>[0][]): string {
  return `| flag | meaning |\n|---|---|\n${flags.map((flag) => `| \`${flagText(flag)}\` | ${cell(flagSummary(flag))} |`).join('\n')}\n`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
