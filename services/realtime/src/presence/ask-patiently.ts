import { fullJitter, type Logger, pause } from '@finnigram/service-kit'

/** Answers what one person asks about others; rejects when it cannot be asked. */
type Answer = (watcherId: string, targetIds: string[]) => Promise<void>

interface Question {
  targetIds: Set<string>
  tried: PromiseWithResolvers<void>
}

/** Watchers asked for at once, and people in one question. */
const atOnce = 8
const perQuestion = 500
const longestRestMs = 3_000

/**
 * Collects questions by who asks and has them answered, a few at a time; what could not be asked is asked again, less and
 * less often. The returned promise resolves after the next try, whatever came of it.
 */
export function createPatientAsking(
  answer: Answer,
  { log, stopping }: { log: Logger; stopping: AbortSignal },
): (watcherId: string, targetIds: Iterable<string>) => Promise<void> {
  const questions = new Map<string, Question>()
  let isAsking = false

  const add = (watcherId: string, targetIds: Iterable<string>) => {
    const question = questions.get(watcherId) ?? { targetIds: new Set(), tried: Promise.withResolvers() }
    questions.set(watcherId, question)
    for (const targetId of targetIds) question.targetIds.add(targetId)
    return question.tried.promise
  }
  /** What went wrong, if anything did. */
  const ask = async ([watcherId, { targetIds, tried }]: [string, Question]): Promise<unknown> => {
    const all = [...targetIds]
    const rest = all.splice(perQuestion)
    if (rest.length > 0) void add(watcherId, rest)
    try {
      await answer(watcherId, all)
      return undefined
    } catch (error) {
      void add(watcherId, all)
      return error
    } finally {
      tried.resolve()
    }
  }
  const run = async () => {
    isAsking = true
    for (let failures = 0; questions.size > 0 && !stopping.aborted; ) {
      const batch = questions.entries().take(atOnce).toArray()
      for (const [watcherId] of batch) questions.delete(watcherId)
      const [error] = (await Promise.all(batch.map(ask))).filter(Boolean)
      if (!error && failures > 0) log.info('Who may see whom is known again')
      failures = error ? failures + 1 : 0
      if (failures === 1) log.warn('Who may see whom could not be asked for', { error })
      if (error) await pause(100 + fullJitter(failures, { baseMs: 200, maxMs: longestRestMs }), stopping)
    }
    isAsking = false
  }
  return (watcherId, targetIds) => {
    const tried = add(watcherId, targetIds)
    if (!isAsking) void run()
    return tried
  }
}
