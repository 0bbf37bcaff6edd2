import type { MessageView } from '@finnigram/client'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { Text } from '../../ui/text.tsx'
import { noticeWords } from './notice-words.ts'

type NoticeLineProps = { message: MessageView; nameOf: (userId: string) => string }

/** What happened to the group, between what was said in it. */
export function NoticeLine({ message, nameOf }: NoticeLineProps) {
  const { t } = useI18n()
  const { id: me } = useMe()
  return (
    <Text testID={`notice-${message.id}`} size="small" color="muted" align="center">
      {noticeWords(message, { t, me, nameOf })}
    </Text>
  )
}
