import type { pushCases } from '../cases/push.ts'
import type { Expectations } from './expectations.ts'
import { anyone, nobody } from './outcomes.ts'

/** Notifications: everyone's own devices, and nobody else's. */
export const pushExpectations: Expectations<typeof pushCases> = {
  getPushKey: { own: anyone(200) },
  testPush: { own: anyone(200), others: nobody, missing: nobody },
}
