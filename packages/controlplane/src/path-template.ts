/** A path of an HTTP annotation: literal segments, and `{field}` for one segment that becomes a field of the request. */
export interface PathTemplate {
  readonly text: string
  readonly segments: readonly PathSegment[]
}

/** One piece between slashes. */
export type PathSegment = { readonly literal: string } | { readonly variable: string }

/** Reads `/v1/edges/{edge_id}`. @throws Error for what our own .proto files do not use. */
export function parsePathTemplate(text: string): PathTemplate {
  if (!/^(\/(?:[\w.-]+|\{\w+\}))+$/.test(text)) throw new Error(`unsupported path template ${text}`)
  const segments = text
    .slice(1)
    .split('/')
    .map((segment): PathSegment => (segment.startsWith('{') ? { variable: segment.slice(1, -1) } : { literal: segment }))
  return { text, segments }
}

/** The variables of `segments`, still as they are in the path; undefined = it does not fit. */
export function matchPath(template: PathTemplate, segments: readonly string[]): Map<string, string> | undefined {
  if (segments.length !== template.segments.length) return undefined
  const variables = new Map<string, string>()
  for (const [index, wanted] of template.segments.entries()) {
    const segment = segments[index]!
    if ('variable' in wanted) {
      if (segment === '') return undefined
      variables.set(wanted.variable, segment)
    } else if (wanted.literal !== segment) return undefined
  }
  return variables
}

/** Orders templates of one length so that a literal segment goes before a variable, from left to right. */
export function compareTemplates(a: PathTemplate, b: PathTemplate): number {
  for (const [index, segment] of a.segments.entries()) {
    const other = b.segments[index]
    if (other === undefined) break
    const difference = Number('variable' in segment) - Number('variable' in other)
    if (difference !== 0) return difference
  }
  return a.segments.length - b.segments.length
}
