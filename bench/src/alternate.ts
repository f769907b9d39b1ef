/** Something that is measured in rounds, beside others. */
export interface Contender<Outcome> {
  /** One round; `isWarmUp` is thrown away. */
  round(isWarmUp: boolean): Promise<Outcome>
}

/**
 * Measures contenders round by round, the order turned over each time, so that whatever else the machine does meets all of them alike. Returns
 * the rounds of each, in their order.
 */
export async function alternate<Outcome>(contenders: readonly Contender<Outcome>[], rounds: number): Promise<Outcome[][]> {
  const outcomes = contenders.map((): Outcome[] => [])
  for (const contender of contenders) await contender.round(true)
  for (let round = 0; round < rounds; round++) {
    const order = contenders.map((_, index) => (round % 2 === 0 ? index : contenders.length - 1 - index))
    for (const index of order) outcomes[index]!.push(await contenders[index]!.round(false))
  }
  return outcomes
}
