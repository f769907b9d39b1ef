// The program of every worker process: node worker-main.js ROLE [ARGS], with an IPC channel.
import { roles, type RoleName, type Start } from '../roles/index.js'
import type { Role } from '../roles/role.js'

interface WorkerRequest {
  readonly requestId: number
  readonly command: string
  readonly params: never
}

const name = process.argv[2] as RoleName
const role: Role = await (roles[name] as Start<Role>)(...process.argv.slice(3))

process.on('message', (message: object) => {
  if ('requestId' in message) void answer(message as WorkerRequest)
})
process.channel?.ref()
process.send?.({ answerId: 0, answer: role.info })

async function answer({ requestId, command, params }: WorkerRequest): Promise<void> {
  try {
    process.send?.({ answerId: requestId, answer: await role.commands[command]!(params) })
  } catch (error) {
    process.send?.({ answerId: requestId, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}
