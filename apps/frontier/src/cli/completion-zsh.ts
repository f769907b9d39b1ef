import { offerOf, valueFlags, type Offer, type Place } from './completion-words.js'

/** Completion for zsh, as a file of $fpath or sourced after compinit. */
export function zshScript(places: readonly Place[]): string {
  return `#compdef frontier
# frontier: completion for zsh. Made by: frontier completion zsh
_frontier() {
  local current=\${words[CURRENT]} place='' word
  local -i index=2 count=0
  while ((index < CURRENT)); do
    word=\${words[index]}
    case $word in
      ${valueFlags(places).join(' | ')})
        ((index + 1 == CURRENT)) && break
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
  local -a offers
  if ((index < CURRENT)); then
    case "$place $word" in
${places.flatMap((place) => flagValues(place)).join('\n')}
    esac
    return
  fi
  case "$place" in
${places.map((place) => placeCase(place)).join('\n')}
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _frontier "$@"; else compdef _frontier frontier; fi
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
  const lines = next.length > 0 ? [described(next)] : []
  if (flags.length > 0) lines.push(`if [[ $current == -* ]]; then ${described(flags.map(({ name, summary }) => [`--${name}`, summary]))}; return; fi`)
  positionals.forEach((positional, index) => {
    const offer = offerOf(positional)
    if (offer.kind !== 'nothing') lines.push(`((count == ${index})) && { ${reply(offer)}; }`)
  })
  return [`    "${words}")`, ...lines.map((line) => `      ${line}`), '      ;;'].join('\n')
}

function described(entries: readonly (readonly [string, string])[]): string {
  const words = entries.map(([word, summary]) => quoted(`${word}:${summary}`))
  return `offers=(${words.join(' ')}); _describe -o frontier offers`
}

function reply(offer: Offer): string {
  if (offer.kind === 'files') return '_files'
  if (offer.kind === 'contexts') return 'offers=(${(f)"$(frontier context ls --names 2>/dev/null)"}); compadd -a offers'
  return offer.kind === 'words' ? `compadd -- ${offer.words.join(' ')}` : ':'
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
