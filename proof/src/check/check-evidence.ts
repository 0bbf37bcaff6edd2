import type { Evidence } from '../evidence/evidence.ts'
import { checkAnswers } from './check-answers.ts'
import { checkChanges } from './check-changes.ts'
import { checkDense } from './check-dense.ts'
import { checkLeaks } from './check-leaks.ts'
import { checkMarkers } from './check-markers.ts'
import { checkOrder } from './check-order.ts'
import { checkPushes } from './check-pushes.ts'
import { checkRefusals } from './check-refusals.ts'
import { checkSends } from './check-sends.ts'
import { checkUnread } from './check-unread.ts'
import { checkViews } from './check-views.ts'
import type { Violation } from './violation.ts'

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

/** Every promise that the evidence shows broken. */
export function checkEvidence(evidence: Evidence): Violation[] {
  return checks.flatMap((check) => check(evidence))
}
