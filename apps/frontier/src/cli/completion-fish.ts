import { offerOf, valueFlags, type Offer, type Place } from './completion-words.js'

/** Completion for fish 3 and later. */
export function fishScript(places: readonly Place[]): string {
  const known = places.filter(({ words }) => words !== '').map(({ words }) => `'${words}'`)
  return `# frontier: completion for fish. Made by: frontier completion fish
# Sets the words of commands, and how many other words there are.
function __frontier_place
    set -l place ''
    set -l count 0
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        if contains -- $word ${valueFlags(places).join(' ')}
            set skip 1
        else if not string match -q -- '-?*' $word
            set -l longer (string trim -- "$place $word")
            if contains -- $longer ${known.join(' ')}
                set place $longer
            else
                set count (math $count + 1)
            end
        end
    end
    echo $place
    echo $count
end
function __frontier_at
    set -l found (__frontier_place)
    test "$found[1]" = "$argv[1]"; or return 1
    test (count $argv) = 1; or test "$found[2]" = "$argv[2]"
end
complete -c frontier -f
${places.flatMap((place) => placeLines(place)).join('\n')}
`
}

function placeLines({ words, next, flags, positionals }: Place): string[] {
  const at = (count = ''): string => `complete -c frontier -n "__frontier_at '${words}'${count}"`
  return [
    ...next.map(([word, summary]) => `${at()} -a ${word} -d ${quoted(summary)}`),
    ...flags.map(({ name, short, summary, ...flag }) => {
      const needs = flag.kind === 'switch' ? '' : ` ${argument(offerOf(flag))}`
      return `${at()} -l ${name}${short === undefined ? '' : ` -s ${short}`}${needs} -d ${quoted(summary)}`
    }),
    ...positionals.flatMap((positional, index) => {
      const offer = offerOf(positional)
      return offer.kind === 'nothing' ? [] : [`${at(` ${index}`)} ${argument(offer).replace('-x ', '')}`]
    }),
  ]
}

function argument(offer: Offer): string {
  if (offer.kind === 'words') return `-x -a '${offer.words.join(' ')}'`
  if (offer.kind === 'contexts') return `-x -a '(frontier context ls --names 2>/dev/null)'`
  return offer.kind === 'files' ? '-r -F' : '-x'
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
