const withoutAccents = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** Whether every word of the query begins a word of the text, accents and case aside. */
export function matchesQuery(text: string, query: string): boolean {
  const words = withoutAccents(text).split(/[\s_.-]+/)
  return withoutAccents(query)
    .split(/\s+/)
    .filter((part) => part !== '')
    .every((part) => words.some((word) => word.startsWith(part)))
}
