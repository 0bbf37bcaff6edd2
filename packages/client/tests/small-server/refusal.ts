import { type ErrorCode, toProblem } from '@finnigram/contracts'

/** What the server answers instead of a result. */
export class Refusal extends Error {
  readonly problem
  constructor(code: ErrorCode, errors?: { path: string; message: string }[]) {
    super(code)
    this.problem = toProblem(code, { requestId: 'test', errors })
  }
}
