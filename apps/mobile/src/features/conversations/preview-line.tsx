import { type ReactNode, useMemo } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { Icon } from '../../ui/icon.tsx'
import { Text } from '../../ui/text.tsx'
import { peopleInSystemMessage, systemMessageText } from '../chat/system-message-text.ts'
import { usePeople } from '../people/use-people.ts'
import type { Preview } from './conversation-preview.ts'

/** One-line preview of a conversation. */
export function PreviewLine({ preview }: { preview: Preview }) {
  const { t } = useI18n()
  switch (preview.kind) {
    case 'typing':
      return (
        <Line>
          <Text color="accent">{t('typing')}</Text>
        </Line>
      )
    case 'draft':
      return (
        <Line>
          <Text color="accent">{t('draftPrefix')}</Text>
          {preview.text}
        </Line>
      )
    case 'empty':
      return <Line>{t('noMessagesYet')}</Line>
    case 'deleted':
      return (
        <Line>
          <Text color="muted" style={styles.deleted}>
            {t('messageDeleted')}
          </Text>
        </Line>
      )
    case 'notice':
      return <NoticeLine {...preview} />
    case 'message':
      return <MessageLine {...preview} />
  }
}

function NoticeLine({ message }: Extract<Preview, { kind: 'notice' }>) {
  const { t } = useI18n()
  const { id: me } = useMe()
  const { nameOf } = usePeople(useMemo(() => peopleInSystemMessage(message), [message]))
  return <Line>{systemMessageText(message, { t, me, nameOf })}</Line>
}

function MessageLine({ sender, text, attachment }: Extract<Preview, { kind: 'message' }>) {
  const { t } = useI18n()
  const senderId = sender?.kind === 'other' ? sender.userId : undefined
  const { nameOf } = usePeople(useMemo(() => (senderId === undefined ? [] : [senderId]), [senderId]))
  const name = senderId === undefined ? undefined : nameOf(senderId)
  return (
    <>
      {attachment !== undefined && <Icon name={attachment.icon} size={16} color="muted" />}
      <Line>
        {sender !== null && (
          <Text color="text">{name === undefined ? t('youPrefix') : t('senderPrefix', { name })}</Text>
        )}
        {text === '' && attachment !== undefined ? t(attachment.word) : text}
      </Line>
    </>
  )
}

function Line({ children }: { children: ReactNode }) {
  return (
    <View style={styles.line}>
      <Text color="muted" numberOfLines={1}>
        {children}
      </Text>
    </View>
  )
}

const styles = StyleSheet.create({ line: { flex: 1, minWidth: 0 }, deleted: { fontStyle: 'italic' } })
