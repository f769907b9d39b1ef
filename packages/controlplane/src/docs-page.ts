import type { OpenApiDocument, OpenApiOperation, OpenApiParameter } from './openapi.js'

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid #ccc}details{border:1px solid #ddd;border-radius:6px;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}code,pre{font:13px ui-monospace,monospace}pre{background:#f5f5f5;padding:.6rem;overflow:auto}
b{display:inline-block;min-width:4.5rem}table{border-collapse:collapse}td{padding:.15rem .8rem .15rem 0;vertical-align:top}.role{float:right;color:#777}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}pre{background:#242424}details,h2{border-color:#444}}`

/** A page for people, of the same as the OpenAPI document: it needs nothing from elsewhere, and no script. */
export function docsPage(document: OpenApiDocument): string {
  const { info, tags, paths } = document
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    return `<h2>${text(name)}</h2><p>${text(description)}</p>${own.map(operationHtml).join('\n')}`
  })
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(info.title)}</title><style>${style}</style></head>
<body><h1>${text(info.title)} ${text(info.version)}</h1><p>${text(info.description)}</p><p>For programs: <a href="/openapi.json">openapi.json</a>.</p>
${sections.join('\n')}
<h2>Messages</h2>${schemasHtml(document)}
</body></html>
`
}

function operationHtml({ path, method, operation }: { path: string; method: string; operation: OpenApiOperation }): string {
  const { parameters, requestBody, responses } = operation
  const rows = parameters.map(parameterHtml).join('')
  const body = requestBody === undefined ? '' : `<p>Body:</p><pre>${json(requestBody)}</pre>`
  return `<details><summary><b>${text(method.toUpperCase())}</b> <code>${text(path)}</code><span class="role">${text(String(operation['x-frontier-role']))}</span></summary>
<p>${text(operation.summary)}</p><table>${rows}</table>${body}<p>Answer:</p><pre>${json(responses['200'])}</pre></details>`
}

function parameterHtml({ name, in: where, description = '', schema }: OpenApiParameter): string {
  const type = String(schema['format'] ?? schema['type'])
  return `<tr><td><code>${text(name)}</code></td><td>${where}</td><td>${text(type)}</td><td>${text(description)}</td></tr>`
}

function schemasHtml({ components }: OpenApiDocument): string {
  const schemas = Object.entries(components['schemas'] as Record<string, unknown>)
  return schemas.map(([name, schema]) => `<details><summary><code>${text(name)}</code></summary><pre>${json(schema)}</pre></details>`).join('\n')
}

function json(value: unknown): string {
  return text(JSON.stringify(value, undefined, 2))
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
