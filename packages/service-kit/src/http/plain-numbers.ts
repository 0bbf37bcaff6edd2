import type { RouteContract } from '@finnigram/contracts'
import { z } from 'zod'

type Query = NonNullable<RouteContract['query']>

/** Names of the numbers in a query, by its schema. */
const numbersOf = new WeakMap<Query, readonly string[]>()

/** The query, with NaN where a number is wanted and something else than digits is given: coercion takes nothing for 0 and `0x1f` for 31. */
export function withPlainNumbers(schema: Query, query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query
  const given = new Map(Object.entries(query))
  const odd = namesOfNumbers(schema).filter((name) => given.has(name) && !isPlain(given.get(name)))
  return odd.length === 0 ? query : { ...query, ...Object.fromEntries(odd.map((name) => [name, Number.NaN])) }
}

const isPlain = (value: unknown) => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)

function namesOfNumbers(schema: Query): readonly string[] {
  const known = numbersOf.get(schema)
  if (known) return known
  const shape: Record<string, unknown> = schema.shape
  const names = Object.keys(shape).filter((name) => isNumber(shape[name]))
  numbersOf.set(schema, names)
  return names
}

function isNumber(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return isNumber(schema.unwrap())
  return schema instanceof z.ZodNumber
}
