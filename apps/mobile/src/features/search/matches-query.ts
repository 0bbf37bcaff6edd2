const withoutAccents = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/** Whether each query word is a prefix of a word of the text; ignores accents and case. */
export function matchesQuery(text: string, query: string): boolean {
  const words = withoutAccents(text).split(/[\s_.-]+/)
  return withoutAccents(query)
    .split(/\s+/)
    .filter((part) => part !== '')
    .every((part) => words.some((word) => word.startsWith(part)))
}
