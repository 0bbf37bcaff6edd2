import type { messageCases } from '../cases/messages.ts'
import type { Expectations } from './expectations.ts'
import { anyone, authors, insiders, nobody } from './outcomes.ts'

/** What is said, read, found and missed. */
export const messageExpectations: Expectations<typeof messageCases> = {
  sendMessage: { own: insiders(201), others: nobody, missing: nobody },
  sendMessages: { own: insiders(201), others: nobody, missing: nobody },
  listMessages: { own: insiders(200), others: nobody, missing: nobody },
  getMessage: { own: authors(200), others: insiders(200), hidden: nobody, missing: nobody },
  markRead: { own: insiders(204), others: nobody, missing: nobody },
  markDelivered: { own: insiders(204), others: nobody, missing: nobody },
  listEvents: { own: insiders(200), others: nobody, missing: nobody },
  sync: {
    own: { ...anyone('removed'), participant: 200, admin: 200, owner: 200 },
    others: anyone('removed'),
    missing: anyone('removed'),
  },
  editMessage: { own: authors(200), others: insiders('forbidden'), hidden: nobody, missing: nobody },
  deleteMessage: {
    own: authors(204),
    others: { ...insiders(204), participant: 'forbidden' },
    hidden: nobody,
    missing: nobody,
  },
  addReaction: { own: authors(204), others: insiders(204), hidden: nobody, missing: nobody },
  removeReaction: { own: authors(204), others: insiders(204), hidden: nobody, missing: nobody },
  pinMessage: { own: authors(204), others: insiders(204), hidden: nobody, missing: nobody },
  unpinMessage: { own: authors(204), others: insiders(204), hidden: nobody, missing: nobody },
  listPins: { own: insiders(200), others: nobody, missing: nobody },
  starMessage: { own: authors(204), others: insiders(204), hidden: nobody, missing: nobody },
  unstarMessage: { own: authors(204), others: insiders(204), hidden: nobody, missing: nobody },
  listStars: { own: anyone(200) },
  searchMessages: { own: insiders(200), others: nobody, missing: nobody, everywhere: anyone(200) },
}
