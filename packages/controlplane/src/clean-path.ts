/** `path` without empty, `.` and `..` segments; a slash at its end stays. */
export function cleanPath(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const last = segments.at(-1)
  const endsWithSlash = kept.length > 0 && (last === '' || last === '.' || last === '..')
  return `/${kept.join('/')}${endsWithSlash ? '/' : ''}`
}
