import type { Message, SystemNotice } from '@finnigram/contracts'
import type { Translate } from '../../i18n/i18n-provider.tsx'

/** At most so many added people are named; the rest are counted. */
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
  /** Name of the person who did it. */
  name: string
  /** The name of a person as the grammatical object. */
  object: (userId: string) => string
}

/** The text of each kind of system message. */
const textBySystemMessage: TextBySystemMessage = {
  'participants.added': addedText,
  'participant.joined': (_, { t, name }) => t('noticeJoined', { name }),
  'participant.left': (_, { t, name }) => t('noticeLeft', { name }),
  'participant.removed': ({ userId }, { t, name, object }) =>
    t('noticeRemoved', { name, person: object(userId) }),
  'participant.role_changed': ({ userId, role }, { t, name, object }) =>
    t(roleTexts[role], { name, person: object(userId) }),
  'conversation.renamed': ({ title }, { t, name }) => t('noticeRenamed', { name, title }),
  'conversation.avatar_changed': (_, { t, name }) => t('noticePicture', { name }),
  'message.pinned': (_, { t, name }) => t('noticePinned', { name }),
}

const roleTexts = { owner: 'noticeOwner', admin: 'noticeAdmin', member: 'noticeMember' } as const

/**
 * The text of a system message for its reader; empty for a kind that this version does not know.
 */
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

/** The user ids whose names the text needs. */
export function peopleInSystemMessage({ system, senderId }: Pick<Message, 'system' | 'senderId'>): string[] {
  if (system === null) return [senderId]
  if ('userIds' in system) return [senderId, ...system.userIds.slice(0, namesShown)]
  return 'userId' in system ? [senderId, system.userId] : [senderId]
}
