import { isDeepStrictEqual } from 'node:util'

/** Where two values of the same kind differ, by path, with both values cut short. */
export function differences(one: unknown, other: unknown, path = ''): string[] {
  if (isDeepStrictEqual(one, other)) return []
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) {
    return [`${path || 'value'}: ${short(one)} ≠ ${short(other)}`]
  }
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
  return names.flatMap((name) => differences(one[name], other[name], path ? `${path}.${name}` : name))
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const short = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 120)
