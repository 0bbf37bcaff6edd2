import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { rightToLeft } from '../../theme/direction.ts'
import { typeScale } from '../../theme/scale.ts'
import { Text } from '../../ui/text.tsx'
import type { DeliveryStatus } from '../../ui/ticks.tsx'
import { BubbleMeta, metaWidth } from './bubble-meta.tsx'
import { BubbleText } from './bubble-text.tsx'
import { readsRightToLeft } from './reads-right-to-left.ts'

type BubbleWordsProps = {
  text: string
  mentioned: string
  mine: boolean
  clock: string
  status?: DeliveryStatus | undefined
  edited: boolean
  deleted: boolean
  large: boolean
}

/** What was said, with the time and ticks in the room left in its last line. */
export function BubbleWords({
  text,
  mine,
  clock,
  status,
  edited,
  deleted,
  large,
  ...words
}: BubbleWordsProps) {
  const { t } = useI18n()
  const meta = <BubbleMeta clock={clock} edited={edited} mine={mine && !large} status={status} />
  if (large) {
    return (
      <>
        <Text testID="message-text" style={styles.large}>
          {text}
        </Text>
        {meta}
      </>
    )
  }
  const reserve = metaWidth(edited ? `${t('edited')} ${clock}` : clock, status)
  const atStart = !deleted && readsRightToLeft(text) !== rightToLeft
  return (
    <>
      {deleted ? (
        <Text color={mine ? 'mutedOnOwn' : 'muted'} style={styles.deleted}>
          {t('messageDeleted')}
          <View style={{ width: reserve, height: 1 }} />
        </Text>
      ) : (
        <BubbleText text={text} mentioned={words.mentioned} mine={mine} reserve={reserve} />
      )}
      <View style={[styles.meta, atStart ? styles.atStart : styles.atEnd]}>{meta}</View>
    </>
  )
}

const styles = StyleSheet.create({
  large: { fontSize: typeScale.display.fontSize * 1.5, lineHeight: typeScale.display.fontSize * 1.8 },
  deleted: { fontStyle: 'italic' },
  meta: { position: 'absolute', bottom: 6 },
  atEnd: { end: 11 },
  atStart: { start: 11 },
})
