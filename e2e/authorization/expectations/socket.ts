import type { socketCases } from '../cases/socket.ts'
import type { Expectations } from './expectations.ts'
import { anyone, insiders, nobody } from './outcomes.ts'

/** What a client may say over its socket; who cannot sign in has none. */
export const socketExpectations: Expectations<typeof socketCases> = {
  send: { own: insiders('ok'), others: nobody, missing: nobody },
  typing: { own: insiders('ok'), others: nobody, missing: nobody },
  read: { own: insiders('ok'), others: nobody, missing: nobody },
  delivered: { own: insiders('ok'), others: nobody, missing: nobody },
  // Whether there is such a person, and whether they may be watched, is not told.
  watch: { own: anyone('ok'), others: anyone('ok'), missing: anyone('ok') },
  unwatch: { own: anyone('ok'), others: anyone('ok'), missing: anyone('ok') },
  authorise: { own: anyone('ok'), others: anyone('forbidden'), missing: anyone('unauthenticated') },
  away: { own: anyone('ok') },
  back: { own: anyone('ok') },
}
