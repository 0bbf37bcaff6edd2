import type { Message, SystemNotice } from '@finnigram/contracts'
import type { Translate } from '../../i18n/i18n-provider.tsx'

/** Names said of those who were added; the others are counted. */
const namesShown = 3

export type SystemMessageReader = {
  t: Translate
  me: string
  nameOf: (userId: string) => string
}

type TextBySystemMessage = {
  [T in SystemNotice['type']]: (
    notice: Extract<SystemNotice, { type: T }>,
    by: SystemMessageContext,
  ) => string
}

interface SystemMessageContext extends SystemMessageReader {
  /** Who did it. */
  name: string
  /** A person as the one something happens to. */
  object: (userId: string) => string
}

/** What each notice says. */
const textBySystemMessage: TextBySystemMessage = {
  'participants.added': addedText,
  'participant.joined': (_, { t, name }) => t('noticeJoined', { name }),
  'participant.left': (_, { t, name }) => t('noticeLeft', { name }),
  'participant.removed': ({ userId }, { t, name, object }) =>
    t('noticeRemoved', { name, person: object(userId) }),
  'participant.role_changed': ({ userId, role }, { t, name, object }) =>
    t(roleWords[role], { name, person: object(userId) }),
  'conversation.renamed': ({ title }, { t, name }) => t('noticeRenamed', { name, title }),
  'conversation.avatar_changed': (_, { t, name }) => t('noticePicture', { name }),
  'message.pinned': (_, { t, name }) => t('noticePinned', { name }),
}

const roleWords = { owner: 'noticeOwner', admin: 'noticeAdmin', member: 'noticeMember' } as const

/** What a system message says to its reader; empty for a notice that this version does not know. */
export function systemMessageText(
  { system, senderId }: Pick<Message, 'system' | 'senderId'>,
  reader: SystemMessageReader,
): string {
  if (system === null) return ''
  const { t, me, nameOf } = reader
  const object = (userId: string) => (userId === me ? t('youObject') : nameOf(userId))
  return textOf(system, { ...reader, name: nameOf(senderId), object })
}

function textOf<T extends SystemNotice['type']>(
  notice: Extract<SystemNotice, { type: T }>,
  by: SystemMessageContext,
): string {
  const write: TextBySystemMessage[T] | undefined = textBySystemMessage[notice.type]
  return write?.(notice, by) ?? ''
}

function addedText(
  { userIds, count }: Extract<SystemNotice, { type: 'participants.added' }>,
  by: SystemMessageContext,
): string {
  const { t, name, object } = by
  const named = userIds.length <= namesShown ? userIds : userIds.slice(0, namesShown - 1)
  const people = named.map(object).join(', ')
  const others = count - named.length
  return others > 0
    ? t('noticeAddedMany', { name, people, count: others })
    : t('noticeAdded', { name, people })
}

/** Whose names a notice says. */
export function peopleInSystemMessage({ system, senderId }: Pick<Message, 'system' | 'senderId'>): string[] {
  if (system === null) return [senderId]
  if ('userIds' in system) return [senderId, ...system.userIds.slice(0, namesShown)]
  return 'userId' in system ? [senderId, system.userId] : [senderId]
}
