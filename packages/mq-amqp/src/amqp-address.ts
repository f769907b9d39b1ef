import { FrontierError } from '@frontier/wire'

/** A broker's address and who we are there. */
export interface AmqpAddress {
  readonly isTls: boolean
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
}

/** Reads `[amqp[s]://][user:password@]host[:port]`. Nothing of the password is in what it throws. @throws INVALID_ARGUMENT */
export function parseAddress(text: string): AmqpAddress {
  const problem = (what: string) =>
    new FrontierError('INVALID_ARGUMENT', `addresses: an address of RabbitMQ is user:password@host:port, and one of these ${what}`)
  let url: URL
  if (typeof text !== 'string') throw problem('is no text')
  try {
    url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `amqp://${text}`)
  } catch {
    throw problem('is not')
  }
  if (url.protocol !== 'amqp:' && url.protocol !== 'amqps:') throw problem(`is of ${url.protocol}`)
  if (url.hostname === '') throw problem('has no host')
  if (url.pathname.length > 1 || url.search !== '' || url.hash !== '') throw problem('has more behind its port (the virtual host is an option of its own)')
  const isTls = url.protocol === 'amqps:'
  let [user, password] = ['guest', 'guest']
  try {
    if (url.username !== '' || url.password !== '') [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
  } catch {
    throw problem('has a % in its user or password that is not part of an escape')
  }
  return {
    isTls,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (isTls ? 5671 : 5672) : Number(url.port),
    user,
    password,
  }
}
