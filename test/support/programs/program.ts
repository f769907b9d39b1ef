/** What a child process of a test can be asked for, by name. Arguments and results travel as JSON. */
export type Commands = Record<string, (argument: never) => unknown>

interface Question {
  id: number
  command: string
  argument: unknown
}

const common: Commands = {
  /** Resident memory now, and the most there ever was, in bytes. */
  memory: () => ({ rssBytes: process.memoryUsage.rss(), peakRssBytes: process.resourceUsage().maxRSS * 1024 }),
}

/** Answers the questions of the test until it lets go of the process. */
export function serveCommands(own: Commands): void {
  const commands: Commands = { ...common, ...own }
  process.on('message', ({ id, command, argument }: Question) => {
    void (async () => commands[command]!(argument as never))().then(
      (result) => process.send!({ id, result }),
      (error: unknown) => process.send!({ id, error: String(error), code: (error as { code?: unknown }).code }),
    )
  })
  process.on('disconnect', () => process.exit())
  process.send!({ id: 0 })
}
