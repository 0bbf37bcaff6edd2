/** One page of a list: what is on it, and where it goes on. */
export interface ListPage<T> {
  items: T[]
  next: string | null
}

/** All pages of a list from `first` on; each is asked for when the one before was used up. */
export async function* followPages<T>(
  first: ListPage<T>,
  turn: (next: string) => Promise<ListPage<T>>,
): AsyncGenerator<T[]> {
  let page = first
  for (;;) {
    yield page.items
    if (page.next === null) return
    page = await turn(page.next)
  }
}

/** The items of all pages as JSON Lines, one to a line. */
export async function* toJsonLines(pages: AsyncIterable<unknown[]>): AsyncGenerator<string> {
  for await (const items of pages) {
    if (items.length > 0) yield `${items.map((item) => JSON.stringify(item)).join('\n')}\n`
  }
}

/** The items of all pages as one JSON array. */
export async function* toJsonArray(pages: AsyncIterable<unknown[]>): AsyncGenerator<string> {
  let before = '[\n'
  for await (const items of pages) {
    if (items.length === 0) continue
    yield before + items.map((item) => JSON.stringify(item)).join(',\n')
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}
