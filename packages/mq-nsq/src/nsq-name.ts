const pattern = /^[.a-zA-Z0-9_-]+(#ephemeral)?$/

/** Whether nsqd takes it as the name of a topic or channel. The 64 characters that it allows include `#ephemeral`. */
export function isNsqName(name: string): boolean {
  return name.length <= 64 && pattern.test(name)
}
