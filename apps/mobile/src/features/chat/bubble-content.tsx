import { memo, useState } from 'react'
import { Text as NativeText, StyleSheet, View } from 'react-native'
import { rightToLeft } from '../../i18n/device-locale.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { typeScale } from '../../theme/scale.ts'
import { textScale } from '../../theme/text-scale.ts'
import { createStyles } from '../../theme/theme-provider.tsx'
import { Text } from '../../ui/text.tsx'
import { type DeliveryStatus, hasTicks, Ticks } from '../../ui/ticks.tsx'
import { openLink } from './device.ts'
import { directionClosers, foldText, readsRightToLeft, splitIntoParts } from './message-text.ts'

type BubbleContentProps = {
  text: string
  mentioned: string
  mine: boolean
  clock: string
  status?: DeliveryStatus | undefined
  edited: boolean
  deleted: boolean
  large: boolean
}

/** The text of a message, with time and ticks at the end of its last line. */
export function BubbleContent({
  text,
  mine,
  clock,
  status,
  edited,
  deleted,
  large,
  ...words
}: BubbleContentProps) {
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
  const reserve = estimateMetaWidth(edited ? `${t('edited')} ${clock}` : clock, status)
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

type BubbleTextProps = {
  text: string
  /** Usernames that are mentioned, with spaces between. */
  mentioned: string
  mine: boolean
  /** Width in points reserved at the end of the last line for time and ticks. */
  reserve: number
}

/** Selectable text with links and mentions. */
const BubbleText = memo(function BubbleText({ text, mentioned, mine, reserve }: BubbleTextProps) {
  const { t } = useI18n()
  const styles = useStyles()
  const [unfolded, setUnfolded] = useState(false)
  const folded = unfolded ? undefined : foldText(text)
  const shown = folded ?? text
  return (
    <NativeText testID="message-text" selectable style={[styles.text, mine && styles.mine]}>
      {splitIntoParts(shown, mentioned.split(' ')).map((part) => {
        if (part.href !== undefined) {
          return (
            <NativeText key={part.start} role="link" style={styles.link} {...openLink(part.href)}>
              {part.text}
            </NativeText>
          )
        }
        if (part.isMention === undefined) return part.text
        return (
          <NativeText key={part.start} style={styles.mention}>
            {part.text}
          </NativeText>
        )
      })}
      {directionClosers(shown)}
      {folded !== undefined && ' …\n'}
      {folded !== undefined && (
        <NativeText role="button" style={styles.more} onPress={() => setUnfolded(true)}>
          {t('showMore')}
        </NativeText>
      )}
      <View style={{ width: reserve, height: 1 }} />
    </NativeText>
  )
})

const useStyles = createStyles(({ colors }) => ({
  text: { ...typeScale.message, color: colors.text },
  mine: { color: colors.onOwnBubble },
  more: { fontWeight: '600', color: colors.link },
  mention: { fontWeight: '600' },
  link: { color: colors.link, textDecorationLine: 'underline' },
}))

type BubbleMetaProps = {
  clock: string
  edited: boolean
  mine: boolean
  status?: DeliveryStatus | undefined
}

/** Edited mark, time and ticks. Hidden from screen readers: the bubble's label says the same. */
function BubbleMeta({ clock, edited, mine, status }: BubbleMetaProps) {
  const { t } = useI18n()
  return (
    <View style={bubbleMetaStyles.line} aria-hidden>
      <Text
        size="caption"
        color={mine ? 'mutedOnOwn' : 'muted'}
        style={bubbleMetaStyles.small}
        numberOfLines={1}
      >
        {edited ? `${t('edited')} ${clock}` : clock}
      </Text>
      {status !== undefined && <Ticks status={status} on="own" />}
    </View>
  )
}

/** Estimated width of the meta line, in points. */
function estimateMetaWidth(words: string, status: DeliveryStatus | undefined): number {
  let letters = 0
  for (const letter of words) letters += /\d/.test(letter) ? 6.2 : /[\s:.]/.test(letter) ? 3.2 : 5.8
  const ticks = status === undefined ? 0 : hasTicks(status) ? 20 : 17
  return Math.ceil(letters * textScale + ticks + 10)
}

const bubbleMetaStyles = StyleSheet.create({
  line: { flexDirection: 'row', alignItems: 'center', gap: 4, userSelect: 'none' },
  small: { fontSize: typeScale.caption.fontSize - 1, fontVariant: ['tabular-nums'] },
})
