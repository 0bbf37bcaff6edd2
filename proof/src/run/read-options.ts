import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type FaultKindName, faultKindNames } from '../nemesis/fault-kinds.ts'

const count = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`)

/** `redis-failover` is as good as `redis failover`. */
const plain = (words: string) => words.trim().replaceAll('-', ' ')

/** Kinds by words of their names; undefined when a word is in none. */
function kindsNamed(text: string): FaultKindName[] | undefined {
  if (text === 'none') return []
  const words = text.split(',').map(plain)
  const found = words.map((word) => faultKindNames.filter((kind) => plain(kind).includes(word)))
  return found.some((kinds) => kinds.length === 0) ? undefined : [...new Set(found.flat())]
}

const Options = z.object({
  seconds: count(5, 86_400).default(60),
  seed: count(0, 2 ** 31).default(1),
  people: count(4, 500).default(24),
  rate: count(1, 5_000).default(20),
  faults: z
    .string()
    .transform(kindsNamed)
    .refine((kinds) => kinds !== undefined, 'names no kind of fault')
    .optional(),
  out: z.string().min(1).default('.proof'),
  history: z.boolean().default(false),
  previous: z
    .string()
    .transform((folder) => resolve(folder))
    .refine((folder) => existsSync(join(folder, 'node_modules')), 'must be an installed checkout')
    .optional(),
})

export type ProofOptions = z.infer<typeof Options>

/**
 * What is run: `seconds` of faults and work, by `seed`. Returns what is wrong with the arguments,
 * if something is.
 */
export function readOptions(args: readonly string[]): ProofOptions | string {
  try {
    const text = { type: 'string' } as const
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ seconds: text, seed: text, people: text, rate: text, faults: text, out: text, previous: text },
        history: { type: 'boolean' },
      },
    })
    const parsed = Options.safeParse(values)
    if (parsed.success) return parsed.data
    return parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('\n')
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
