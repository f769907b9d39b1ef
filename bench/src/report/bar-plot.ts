import type { Colours } from './colours.js'
import { escapeText, px } from './markup.js'
import { linearScale, tickText } from './scale.js'

const WIDTH = 940
const LEFT = 440
const RIGHT = 90
const ROW = 22
const BAR = 14
const TOP = 4
const BOTTOM = 24

/** One bar. */
export interface Bar {
  readonly label: string
  /** Whose colour it has. */
  readonly who: string
  readonly value: number
  readonly text: string
  readonly wide: boolean
}

/** Bars with a common axis, which is marked at `mark`; hatched ones are not to be trusted. */
export function barPlot(bars: readonly Bar[], colours: Colours, mark?: number): string {
  const scale = linearScale(Math.max(mark ?? 0, ...bars.map(({ value }) => value)), WIDTH - LEFT - RIGHT)
  const height = TOP + bars.length * ROW + BOTTOM
  const rows = bars.map(({ label, who, value, text, wide }, index) => {
    const y = TOP + index * ROW
    return (
      `<text class="tick" text-anchor="end" x="${LEFT - 8}" y="${y + BAR - 1}">${escapeText(label)}</text>` +
      `<rect class="bar${wide ? ' wide' : ''}" style="--c:${colours.of(who)}" x="${LEFT}" y="${y}" width="${px(scale.at(value))}" height="${BAR}"/>` +
      `<text class="tick" x="${px(LEFT + scale.at(value) + 6)}" y="${y + BAR - 1}">${escapeText(text)}</text>`
    )
  })
  const ticks = scale.ticks.map((tick) => {
    const x = px(LEFT + scale.at(tick))
    return `<line class="grid" x1="${x}" x2="${x}" y1="${TOP}" y2="${height - BOTTOM}"/><text class="tick" text-anchor="middle" x="${x}" y="${height - 8}">${tickText(tick)}</text>`
  })
  const at = mark === undefined ? '' : `<line class="mark" x1="${px(LEFT + scale.at(mark))}" x2="${px(LEFT + scale.at(mark))}" y1="${TOP}" y2="${height - BOTTOM}"/>`
  return `<figure class="broad"><svg viewBox="0 0 ${WIDTH} ${height}" role="img">${ticks.join('')}${at}${rows.join('\n')}</svg></figure>`
}
