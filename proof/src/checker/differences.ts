import { isDeepStrictEqual } from 'node:util'

/** What a promise that was not kept is called. */
export type ViolationKind =
  | 'lost'
  | 'refused'
  | 'doubled'
  | 'reordered'
  | 'leaked'
  | 'hole in seq'
  | 'seq twin'
  | 'hole in version'
  | 'version twin'
  | 'answer differs'
  | 'view differs'
  | 'change undone'
  | 'marker went back'
  | 'unread drifted'
  | 'push missing'
  | 'push needless'
  | 'glitch'
  | 'never caught up'
  | 'crash'

/** A promise that was not kept, in a sentence. */
export interface Violation {
  kind: ViolationKind
  what: string
}

export interface Comparison {
  /** Only names that both values have are compared, as between two versions of one answer. */
  onlyShared?: boolean | undefined
}

/** Where two values of the same kind differ, by path, with both values cut short. */
export function differences(
  one: unknown,
  other: unknown,
  { onlyShared = false }: Comparison = {},
  path = '',
): string[] {
  if (isDeepStrictEqual(one, other)) return []
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
    return [`${path || 'value'}: ${short(one)} ≠ ${short(other)}`]
  }
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  const isTold = (value: Record<string, unknown>, name: string) => value[name] !== undefined
  return names
    .filter((name) => !onlyShared || (isTold(one, name) && isTold(other, name)))
    .flatMap((name) => differences(one[name], other[name], { onlyShared }, path ? `${path}.${name}` : name))
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const short = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 120)
