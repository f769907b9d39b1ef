/** Text that is safe between tags and in quoted attributes. */
export function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

/** A coordinate: a tenth of a pixel is enough. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10)
}
