import type { RunHistory } from '../history/history.ts'
import { checkAnswers } from './check-answers.ts'
import { checkChanges } from './check-changes.ts'
import { checkLeaks } from './check-leaks.ts'
import { checkMarkers, checkUnread } from './check-markers.ts'
import { checkDense, checkOrder } from './check-order.ts'
import { checkPushes } from './check-pushes.ts'
import { checkRefusals } from './check-refusals.ts'
import { checkSends } from './check-sends.ts'
import { checkViews } from './check-views.ts'
import type { Violation } from './differences.ts'

const checks = [
  checkSends,
  checkRefusals,
  checkDense,
  checkAnswers,
  checkViews,
  checkOrder,
  checkLeaks,
  checkChanges,
  checkMarkers,
  checkUnread,
  checkPushes,
]

/** Every promise that the history shows broken. */
export function checkHistory(history: RunHistory): Violation[] {
  return checks.flatMap((check) => check(history))
}
