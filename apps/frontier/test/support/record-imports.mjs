// Writes the URL of every module that is loaded to the file $LOADED, a line each.
import { appendFileSync } from 'node:fs'
import { register } from 'node:module'

register(
  `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync } from 'node:fs'
    export async function load(url, context, next) {
      appendFileSync(process.env.LOADED, url + '\\n')
      return next(url, context)
    }
  `)}`,
)
appendFileSync(process.env['LOADED'] ?? '', '')
