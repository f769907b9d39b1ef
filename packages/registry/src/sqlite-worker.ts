// The thread that a registry in SQLite has: does as it is told, in order.
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { isFrontierError } from '@frontier/wire'

import { loadSqlite } from './sqlite-driver.js'
import { openSqliteFile } from './sqlite-file.js'
import type { FromThread, Question, StoredPage, StoredPeers, ThreadError, ThreadOptions, ToThread } from './sqlite-messages.js'
import { SqliteStore } from './sqlite-store.js'

const { file, debug } = workerData as ThreadOptions
if (parentPort !== null) await serve(parentPort)

async function serve(port: MessagePort): Promise<void> {
  const tell = (message: FromThread): void => port.postMessage(message)
  let store: SqliteStore
  try {
    const db = await openSqliteFile(await loadSqlite(), file)
    store = new SqliteStore(db, debug ? (sql, tookMs) => tell({ tell: 'sql', sql, tookMs }) : undefined)
    store.reset()
  } catch (error) {
    tell({ tell: 'open', error: threadError(error) })
    return
  }
  let failure: ThreadError | undefined = undefined
  const attempt = (action: () => void): void => {
    try {
      action()
    } catch (error) {
      failure = threadError(error)
      tell({ tell: 'failed', error: failure })
    }
  }
  port.on('message', (message: ToThread) => {
    switch (message.tell) {
      case 'changes':
        if (failure === undefined) attempt(() => store.write(message.changes))
        tell({ tell: 'written' })
        return
      case 'reset':
        failure = undefined
        attempt(() => store.reset())
        return
      case 'question':
        answer(store, message.number, message.question)
        return
      case 'close':
        attempt(() => store.close())
        port.close()
    }
  })
  const answer = (from: SqliteStore, number: number, question: Question): void => {
    try {
      if (failure !== undefined) tell({ tell: 'answer', number, error: failure })
      else tell({ tell: 'answer', number, answer: ask(from, question) })
    } catch (error) {
      tell({ tell: 'answer', number, error: threadError(error) })
    }
  }
  tell({ tell: 'open' })
}

function ask(store: SqliteStore, question: Question): StoredPeers | StoredPage {
  return question.ask === 'list' ? store.list(question.role, question.listing) : store.match(question.role, question.conditions)
}

function threadError(error: unknown): ThreadError {
  if (isFrontierError(error)) return { code: error.code, reason: error.reason }
  return { code: 'UNAVAILABLE', reason: `the registry's database: ${error instanceof Error ? error.message : String(error)}` }
}
