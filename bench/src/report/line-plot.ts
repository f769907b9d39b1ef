import type { Colours } from './colours.js'
import { escapeText, px } from './markup.js'
import { linearScale, logScale, tickText } from './scale.js'
import type { Facet, Series } from './series.js'

const WIDTH = 460
const HEIGHT = 250
const LEFT = 52
const RIGHT = 20
const TOP = 12
const BOTTOM = 40
const PLOT_WIDTH = WIDTH - LEFT - RIGHT
const PLOT_HEIGHT = HEIGHT - TOP - BOTTOM

/** What stands at the axes. */
export interface Axes {
  readonly x: string
  readonly y: string
}

/** Lines over a param that grows by factors, with the middle half of the rounds as a bar at each point; hollow points are not to be trusted. */
export function linePlot({ label, series }: Facet, axes: Axes, colours: Colours): string {
  const points = series.flatMap((each) => each.points)
  const across = logScale(
    points.map(({ x }) => x),
    PLOT_WIDTH,
  )
  const up = linearScale(Math.max(...points.map(({ high }) => high)), PLOT_HEIGHT)
  const x = (value: number): number => LEFT + across.at(value)
  const y = (value: number): number => TOP + PLOT_HEIGHT - up.at(value)
  const grid = up.ticks.map(
    (tick) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(tick))}" y2="${px(y(tick))}"/>` +
      `<text class="tick" text-anchor="end" x="${LEFT - 6}" y="${px(y(tick) + 4)}">${tickText(tick)}</text>`,
  )
  const below = across.ticks.map((tick) => `<text class="tick" text-anchor="middle" x="${px(x(tick))}" y="${HEIGHT - BOTTOM + 16}">${tickText(tick)}</text>`)
  const lines = series.map((each) => lineOf(each, colours.of(each.label), { x, y }))
  return `<figure><figcaption>${escapeText(label)}<span>${escapeText(axes.y)}</span></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(`${axes.y} over ${axes.x}, ${label}`)}">
${grid.join('')}${below.join('')}<text class="axis" text-anchor="middle" x="${LEFT + PLOT_WIDTH / 2}" y="${HEIGHT - 6}">${escapeText(axes.x)}</text>
${lines.join('\n')}</svg>
<ul class="legend">${series.map((each) => `<li style="--c:${colours.of(each.label)}">${escapeText(each.label)}</li>`).join('')}</ul></figure>`
}

/** Where values are on the plot. */
interface Places {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

function lineOf({ label, points }: Series, colour: string, { x, y }: Places): string {
  const path = points.map((point) => `${px(x(point.x))},${px(y(point.y))}`).join(' ')
  const marks = points.map((point) => {
    const [cx, cy] = [px(x(point.x)), px(y(point.y))]
    const title = `${label}: ${tickText(point.y)} at ${tickText(point.x)}${point.wide ? ' (WIDE)' : ''}`
    return (
      `<line x1="${cx}" x2="${cx}" y1="${px(y(point.low))}" y2="${px(y(point.high))}"/>` +
      `<circle cx="${cx}" cy="${cy}" r="3.5"${point.wide ? ' class="wide"' : ''}><title>${escapeText(title)}</title></circle>`
    )
  })
  return `<g class="series" style="--c:${colour}"><polyline points="${path}"/>${marks.join('')}</g>`
}
