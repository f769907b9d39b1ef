const PAGE_SIZE = 1000n

/** All names of a list that has numbered pages, each once and in order: names that come meanwhile move others to the next page. */
export async function everyName(readPage: (page: { page: bigint; pageSize: bigint }) => Promise<readonly string[]>): Promise<string[]> {
  const names = new Set<string>()
  for (let page = 1n; ; page++) {
    const found = await readPage({ page, pageSize: PAGE_SIZE })
    for (const name of found) names.add(name)
    if (found.length < Number(PAGE_SIZE)) return [...names].sort()
  }
}
