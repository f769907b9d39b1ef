/** Of the user wherever a broker wants one. */
export const username = 'frontier'
export const password = 'frontier-secret'

/** host:port on loopback. TLS wants the name: clients check it. */
export function host(/** @type {number} */ port, name = '127.0.0.1') {
  return `${name}:${port}`
}
