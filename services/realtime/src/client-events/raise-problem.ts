import type { Problem } from '@finnigram/contracts'
import { AppError } from '@finnigram/service-kit'

/** Refuses as the other service did. */
export function raiseProblem({ code, detail, errors }: Problem): never {
  throw new AppError(code, { detail, errors })
}
