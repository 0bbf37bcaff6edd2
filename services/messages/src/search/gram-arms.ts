import type { Gram } from './grams.ts'
import type { SearchPlan } from './plan-search.ts'

/** Grams that a block has together: all of the first, and one of each of the others. */
export interface GramArm {
  all: Gram[]
  any: Gram[][]
}

/** More are not asked: each is a look into the index. */
const mostArms = 8

/** What a full block with every term has, as alternatives. Terms for which there would be too many alternatives are left to be seen in the block itself. */
export function gramArms({ terms, headerGrams }: SearchPlan): GramArm[] {
  let arms: GramArm[] = [{ all: [], any: headerGrams }]
  const longestFirst = terms.toSorted((a, b) => b.needle.length - a.needle.length)
  for (const { grams } of longestFirst) {
    if (!grams) continue
    const { all, any } = grams
    const withWord = arms.map((arm) => ({ ...arm, all: [...arm.all, ...all] }))
    const withStem = any.length === 0 ? [] : arms.map((arm) => ({ ...arm, any: [...arm.any, any] }))
    if (withWord.length + withStem.length <= mostArms) arms = [...withWord, ...withStem]
  }
  return arms
}
