import type { OutboxSurvey } from './survey-outbox.ts'

/** Every so many surveys one looks at the whole table again, in case a row ever came in under the floor. */
const wholeEvery = 60

/** An id of the outbox under which nothing is left and nothing can come any more. */
export interface OutboxFloor {
  readonly id: bigint
  /** Where the next survey should begin. */
  nextSurveyFrom(): bigint
  note(survey: OutboxSurvey): void
}

/**
 * Rows that were deleted stay in the index until PostgreSQL vacuums, and a queue that begins its search at the start
 * walks over all of them, every time: after 100,000 events a round takes five times as long. So the relay remembers how
 * far everything is done. Ids are given before commit, so an id counts as done only when every transaction has ended
 * that was running a full survey after it was given, and nothing below it waits.
 */
export function createOutboxFloor(): OutboxFloor {
  let id = 0n
  let candidate: { lastId: bigint; mustHaveEnded?: bigint } | undefined
  let surveys = 0

  const raise = ({ lastId, oldestRunning, nextTransaction }: OutboxSurvey) => {
    if (candidate?.mustHaveEnded === undefined) {
      candidate = candidate
        ? { ...candidate, mustHaveEnded: BigInt(nextTransaction) }
        : { lastId: BigInt(lastId) }
    } else if (BigInt(oldestRunning) >= candidate.mustHaveEnded) {
      if (candidate.lastId > id) id = candidate.lastId
      candidate = { lastId: BigInt(lastId) }
    }
  }
  return {
    get id() {
      return id
    },
    nextSurveyFrom() {
      surveys += 1
      return surveys % wholeEvery === 0 ? 0n : id
    },
    note(survey) {
      raise(survey)
      if (survey.firstId !== null && BigInt(survey.firstId) <= id) id = BigInt(survey.firstId) - 1n
    },
  }
}
