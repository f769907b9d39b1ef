import { readFileSync } from 'node:fs'
import path from 'node:path'

/** A page of the repository's docs folder. */
export function readPage(name: string): string {
  return readFileSync(path.join(import.meta.dirname, '../../../docs', name), 'utf8')
}

/** The text under a heading of two or three hashes, up to the next of the same rank or a higher one. */
export function sectionOf(page: string, heading: string): string {
  const lines = page.split('\n')
  const start = lines.indexOf(heading)
  if (start < 0) throw new Error(`no such heading: ${heading}`)
  const rank = heading.indexOf(' ')
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= rank)
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n')
}

/** Headings of one rank, without their hashes. */
export function headingsOf(page: string, hashes: string): string[] {
  return page.split('\n').filter((line) => line.startsWith(`${hashes} `)).map((line) => line.slice(hashes.length + 1))
}

/** The rows of the table whose first columns have these titles: a list of cells each, the marks of code and links taken off. */
export function tableOf(page: string, ...columns: string[]): string[][] {
  const lines = page.split('\n')
  const start = lines.findIndex((line) => columns.every((title, index) => cellsOf(line)[index] === title))
  if (start < 0) throw new Error(`no table with the columns ${columns.join(', ')}`)
  const rest = lines.slice(start + 2)
  const length = rest.findIndex((line) => !line.startsWith('|'))
  return rest.slice(0, length < 0 ? undefined : length).map(cellsOf)
}

function cellsOf(line: string): string[] {
  if (!line.startsWith('|')) return []
  const cells = line.slice(1, line.lastIndexOf('|')).split('|')
  return cells.map((cell) => cell.trim().replace(/^\[(.*)\]\(.*\)$/, '$1').replace(/^`([^`]*)`$/, '$1'))
}
