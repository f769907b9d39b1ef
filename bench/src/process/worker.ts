import type { RoleName, Roles } from '../roles/index.js'
import { Child, type ChildOptions } from './child.js'

type RoleOf<Name extends RoleName> = Awaited<ReturnType<Roles[Name]>>
type Commands<Name extends RoleName> = RoleOf<Name>['commands']

/** A process that plays one role. */
export interface Worker<Name extends RoleName> {
  readonly child: Child
  readonly info: RoleOf<Name>['info']
  /** Runs a command there; rejects when it fails or the process ends. */
  ask<Command extends string & keyof Commands<Name>>(
    command: Command,
    ...params: Parameters<Extract<Commands<Name>[Command], (...args: never[]) => unknown>>
  ): Promise<Awaited<ReturnType<Extract<Commands<Name>[Command], (...args: never[]) => unknown>>>>
}

/** Starts a role in a process of its own; resolves when it is ready. */
export async function startWorker<Name extends RoleName>(name: Name, options: ChildOptions = {}): Promise<Worker<Name>> {
  const child = new Child(name, new URL('worker-main.js', import.meta.url), { ...options, args: [name, ...(options.args ?? [])] })
  const info = await child.started<RoleOf<Name>['info']>()
  return { child, info, ask: (command, ...params) => child.request(command, params[0]) }
}
