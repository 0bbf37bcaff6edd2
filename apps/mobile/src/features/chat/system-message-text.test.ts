import type { SystemNotice } from '@finnigram/contracts'
import { expect, test } from 'vitest'
import { en } from '../../i18n/en.ts'
import { createTranslator } from '../../i18n/translate.ts'
import { peopleInSystemMessage, systemMessageText } from './system-message-text.ts'

const names: Record<string, string> = { me: 'You', ada: 'Ada', ben: 'Ben', cy: 'Cy', di: 'Di' }
const reader = { t: createTranslator(en, 'en'), me: 'me', nameOf: (id: string) => names[id] ?? '?' }
const say = (senderId: string, system: SystemNotice) => systemMessageText({ senderId, system }, reader)

test('a system message says who did what to whom, and calls its reader "you"', () => {
  expect(say('me', { type: 'participants.added', userIds: ['ada'], count: 1 })).toBe('You added Ada')
  expect(say('ada', { type: 'participant.removed', userId: 'me' })).toBe('Ada removed you')
  expect(say('ada', { type: 'participant.role_changed', userId: 'ben', role: 'admin' })).toBe(
    'Ada made Ben an admin',
  )
  expect(say('ben', { type: 'conversation.renamed', title: '{name}' })).toBe('Ben named the group “{name}”')
  expect(say('ben', { type: 'participant.left' })).toBe('Ben left')
})

test('of many added people some are named and the others counted', () => {
  const added = (userIds: string[], count: number) =>
    say('ada', { type: 'participants.added', userIds, count })
  expect(added(['ben', 'cy', 'di'], 3)).toBe('Ada added Ben, Cy, Di')
  expect(added(['ben', 'cy', 'di', 'me'], 900)).toBe('Ada added Ben, Cy and 898 more')
})

test('an unknown kind of system message gives an empty text', () => {
  const later = JSON.parse('{"type":"participant.sang"}') as SystemNotice
  expect(say('ada', later)).toBe('')
  expect(peopleInSystemMessage({ senderId: 'ada', system: later })).toEqual(['ada'])
})
