/** Where a package of ours or of others begins in a path. */
const OURS = /\/(?:packages|apps|examples)\/([^/]+)\/(?:dist|src)\/(.+)$/
const BENCH = /\/(bench)\/(?:dist|src)\/(.+)$/
const OTHERS = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(.+)$/

/** `function package/file`: no path of the machine that it ran on. */
export function frameLabel({ functionName, url }: { functionName: string; url: string }): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  const place = shortUrl(url)
  return place === '' ? name : `${name} ${place}`
}

function shortUrl(url: string): string {
  if (url === '' || url.startsWith('node:')) return url
  const path = url.replace(/[?#].*$/, '')
  const match = OTHERS.exec(path) ?? OURS.exec(path) ?? BENCH.exec(path)
  return match === null ? path.slice(path.lastIndexOf('/') + 1) : `${match[1]}/${match[2]}`
}
