let segmenter: Intl.Segmenter | undefined
const wide = /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u
const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

/** How many columns of a terminal `text` takes. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length
  let width = 0
  for (const { segment } of segments(text)) width += widthOf(segment)
  return width
}

/** `text` in at most `width` columns, its end replaced by an ellipsis when it is longer. */
export function truncated(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let kept = ''
  let used = 0
  for (const { segment } of segments(text)) {
    used += widthOf(segment)
    if (used > width - 1) break
    kept += segment
  }
  return width > 0 ? `${kept}…` : ''
}

function widthOf(segment: string): number {
  if (/^\p{M}+$/u.test(segment)) return 0
  return wide.test(segment) ? 2 : 1
}

/** Characters as people see them. Made when first needed: most names are plain. */
function segments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter()
  return segmenter.segment(text)
}
