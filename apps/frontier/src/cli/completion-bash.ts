import { offerOf, valueFlags, type Offer, type Place } from './completion-words.js'

/** Completion for bash 3.2 and later, without the package bash-completion. */
export function bashScript(places: readonly Place[]): string {
  return `# frontier: completion for bash. Made by: frontier completion bash
_frontier() {
  local current=\${COMP_WORDS[COMP_CWORD]} place='' index=1 count=0 word
  COMPREPLY=()
  while ((index < COMP_CWORD)); do
    word=\${COMP_WORDS[index]}
    case $word in
      ${valueFlags(places).join(' | ')})
        ((index + 1 == COMP_CWORD)) && break
        ((index += 2))
        continue
        ;;
      -?*) ;;
      *)
        case "$place $word" in
          ${places
            .filter(({ words }) => words !== '')
            .map(({ words }) => `"${words.includes(' ') ? words : ` ${words}`}"`)
            .join(' | ')}) place=\${place:+$place }$word ;;
          *) ((count += 1)) ;;
        esac
        ;;
    esac
    ((index += 1))
  done
  if ((index < COMP_CWORD)); then
    case "$place $word" in
${places.flatMap((place) => flagValues(place)).join('\n')}
    esac
    return
  fi
  case "$place" in
${places.map((place) => placeCase(place)).join('\n')}
  esac
}
complete -F _frontier frontier
`
}

function flagValues({ words, flags }: Place): string[] {
  return flags.flatMap(({ name, short, ...flag }) => {
    const offer = offerOf(flag)
    if (offer.kind === 'nothing') return []
    const names = [`"${words} --${name}"`, ...(short === undefined ? [] : [`"${words} -${short}"`])]
    return [`      ${names.join(' | ')}) ${reply(offer)} ;;`]
  })
}

function placeCase({ words, next, flags, positionals }: Place): string {
  const options = flags.map(({ name }) => `--${name}`)
  const lines = next.length > 0 ? [reply({ kind: 'words', words: next.map(([word]) => word) })] : []
  if (options.length > 0) lines.push(`if [[ $current == -* ]]; then ${reply({ kind: 'words', words: options })}; return; fi`)
  positionals.forEach((positional, index) => {
    const offer = offerOf(positional)
    if (offer.kind !== 'nothing') lines.push(`((count == ${index})) && ${reply(offer)}`)
  })
  return [`    "${words}")`, ...lines.map((line) => `      ${line}`), '      ;;'].join('\n')
}

function reply(offer: Offer): string {
  const generate = { words: '-W', contexts: '-W', files: '-f', nothing: '' }[offer.kind]
  const list = offer.kind === 'words' ? ` '${offer.words.join(' ')}'` : offer.kind === 'contexts' ? ' "$(frontier context ls --names 2>/dev/null)"' : ''
  return `COMPREPLY=($(compgen ${generate}${list} -- "$current"))`
}
