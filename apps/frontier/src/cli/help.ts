import { flagsOf, positionalsText, type Command, type Flag } from './command.js'
import { groupSummary } from './completion-words.js'
import { exitCodeMeanings, exitCodes } from './exit-code.js'

const WIDTH = 110

/** The commands that begin with `words`, a line each. */
export function commandList(commands: readonly Command[], words: readonly string[] = []): string {
  const begun = commands.filter(({ path }) => words.every((word, index) => word === path[index]))
  const lines = begun.map((command) => [[...command.path, positionalsText(command)].join(' ').trimEnd(), command.summary] as const)
  return inColumns(lines)
}

/** The help of one command, or of a group of them. */
export function helpOf(commands: readonly Command[], words: readonly string[]): string {
  const command = commands.find(({ path }) => path.join(' ') === words.join(' '))
  if (command !== undefined) return commandHelp(command)
  const name = words.join(' ')
  return `Usage: frontier ${name} COMMAND [ARGUMENTS]\n\n${sentence(groupSummary(name))}\n\n${commandList(commands, words)}\nfrontier ${name} COMMAND --help tells more of each.\n`
}

/** How a command is used, on one line. */
export function usageLine(command: Command): string {
  return ['frontier', ...command.path, '[FLAGS]', positionalsText(command)].filter((part) => part !== '').join(' ')
}

/** `--label NAME=VALUE` */
export function flagText({ name, short, placeholder }: Flag): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`
}

/** What a flag is for, with its preset and whether it may be given again. */
export function flagSummary({ summary, preset, isRepeatable }: Flag): string {
  return `${summary}${isRepeatable === true ? '; may be given again' : ''}${preset === undefined ? '' : ` (${preset})`}`
}

function commandHelp(command: Command): string {
  const own = command.flags ?? []
  const shared = flagsOf(command).filter((flag) => !own.includes(flag))
  const flagLines = (flags: readonly Flag[]): string => inColumns(flags.map((flag) => [flagText(flag), flagSummary(flag)]))
  const parts = [
    `Usage: ${usageLine(command)}\n`,
    `${sentence(command.summary)}\n`,
    ...(command.details ?? []).map((paragraph) => `${wrapped(paragraph, WIDTH).join('\n')}\n`),
    inColumns((command.positionals ?? []).map(({ name, summary }) => [name, summary])),
    own.length > 0 ? `Flags:\n${flagLines(own)}` : '',
    `${command.usesGateway ? 'Flags of every command that asks a gateway' : 'Flags of every command'}:\n${flagLines(shared)}`,
    `Examples:\n${command.examples.map(([line, meaning]) => `  ${line}\n      ${meaning}\n`).join('')}`,
    `Exit codes:\n${inColumns(Object.entries(exitCodeMeanings).map(([name, meaning]) => [String(exitCodes[name as keyof typeof exitCodes]), meaning]))}`,
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`
}

function inColumns(lines: readonly (readonly [string, string])[]): string {
  const width = Math.min(30, Math.max(0, ...lines.map(([name]) => name.length)))
  const indent = ' '.repeat(width + 4)
  return lines
    .map(([name, text]) => {
      const [first = '', ...rest] = wrapped(text, WIDTH - width - 4)
      const begin = name.length > width ? `  ${name}\n${indent}${first}` : `  ${name.padEnd(width)}  ${first}`
      return [begin, ...rest.map((line) => indent + line)].join('\n') + '\n'
    })
    .join('')
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
