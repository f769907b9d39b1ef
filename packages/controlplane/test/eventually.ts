/** Waits, 10 s at most, until `ask` gives something that is not undefined or false. */
export async function eventually<T>(ask: () => T | undefined | false | Promise<T | undefined | false>, what = 'a condition'): Promise<T> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const value = await ask()
    if (value !== undefined && value !== false) return value
    if (Date.now() > deadline) throw new Error(`waited too long for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
