/** Prints what a test measured, with its name in front: a guarantee with a figure is worth as much as the margin. */
export function figure(guarantee: number, text: string): void {
  process.stdout.write(`guarantee ${guarantee}: ${text}\n`)
}
