import { escapeText, px } from '../report/markup.js'
import type { Frame } from './cpu-profile.js'

const WIDTH = 1200
const ROW = 17
const TITLE = 24
/** Frames below this part of the whole are left out. */
const LEAST_PART = 0.003
const CHARACTER_WIDTH = 6.6
const LEAST_TEXT_WIDTH = 24

/** One row of the picture below the other, callers above what they call, as wide as they took. It shows its numbers where the mouse is. */
export function flameSvg(root: Frame, title: string): string {
  const boxes: string[] = []
  let depthBelow = 0
  const draw = (frame: Frame, x: number, depth: number): void => {
    const width = (frame.totalUs / root.totalUs) * WIDTH
    depthBelow = Math.max(depthBelow, depth)
    boxes.push(boxOf(frame, { x, width, y: TITLE + depth * ROW }, frame.totalUs / root.totalUs))
    let at = x
    for (const child of [...frame.children.values()].sort((a, b) => b.totalUs - a.totalUs)) {
      const part = child.totalUs / root.totalUs
      if (part < LEAST_PART) break
      draw(child, at, depth + 1)
      at += part * WIDTH
    }
  }
  if (root.totalUs > 0) draw(root, 0, 0)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${TITLE + (depthBelow + 1) * ROW}" font-family="monospace" font-size="11">
<style>rect{stroke:#fff;stroke-width:.5}text{pointer-events:none;fill:#111}.t{fill:#777;font-size:13px}</style>
<text class="t" x="2" y="16">${escapeText(title)}</text>
${boxes.join('\n')}
</svg>
`
}

function boxOf({ label, totalUs }: Frame, { x, y, width }: { x: number; y: number; width: number }, part: number): string {
  const letters = Math.floor((width - 4) / CHARACTER_WIDTH)
  const text = width < LEAST_TEXT_WIDTH ? '' : label.length <= letters ? label : `${label.slice(0, letters - 1)}…`
  const tooltip = `${label}: ${(part * 100).toFixed(1)} %, ${(totalUs / 1000).toFixed(1)} ms`
  return (
    `<g><title>${escapeText(tooltip)}</title><rect x="${px(x)}" y="${y}" width="${px(width)}" height="${ROW - 1}" fill="${colourOf(label)}"/>` +
    `${text === '' ? '' : `<text x="${px(x + 2)}" y="${y + 12}">${escapeText(text)}</text>`}</g>`
  )
}

/** The same pale colour for all of a package; Node grey, the garbage collector red. */
function colourOf(label: string): string {
  if (label.startsWith('(garbage')) return '#f4a6a0'
  const place = label.slice(label.lastIndexOf(' ') + 1)
  if (!place.includes('/') || place.startsWith('node:')) return '#d5d5d9'
  let hash = 0
  for (const character of place.slice(0, place.lastIndexOf('/'))) hash = (hash * 31 + character.charCodeAt(0)) >>> 0
  return `hsl(${hash % 360} 65% 78%)`
}
