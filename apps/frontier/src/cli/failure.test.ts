import { FrontierError } from '@frontier/wire'
import { describe, expect, it } from 'vitest'

import { failureOf } from './failure.js'

describe('failureOf', () => {
  it.each([
    [new FrontierError('EDGE_NOT_ONLINE', 'edge not online'), 3, 'EDGE_NOT_ONLINE: edge not online; see frontier edges ls'],
    [new FrontierError('UNAVAILABLE', 'cannot reach x: y; do z'), 5, 'UNAVAILABLE: cannot reach x: y; do z'],
    [new FrontierError('UNAUTHENTICATED', 'no token'), 4, 'UNAUTHENTICATED: no token; give a token with --token-file or a context, or a client certificate'],
    [new FrontierError('TIMEOUT', 'late'), 6, 'TIMEOUT: late; give it longer with --timeout'],
    [new FrontierError('INVALID_ARGUMENT', 'unknown flag'), 2, 'INVALID_ARGUMENT: unknown flag'],
    [new FrontierError('INVALID_ARGUMENT', 'of the handler', { origin: 'peer' }), 4, 'INVALID_ARGUMENT: of the handler'],
    [new FrontierError('REMOTE_ERROR', 'two\nlines \u001b[2J'), 4, 'REMOTE_ERROR: two lines \\u001b[2J; see the log of the edge'],
    [new Error('a fault'), 1, 'a fault'],
    ['a word', 1, 'a word'],
  ])('%s', (thrown, exitCode, line) => {
    expect(failureOf(thrown)).toEqual({ line, exitCode })
  })
})
