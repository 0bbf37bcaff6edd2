import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { typeScale } from '../../theme/scale.ts'
import { textScale } from '../../theme/text-scale.ts'
import { Text } from '../../ui/text.tsx'
import { type DeliveryStatus, hasTicks, Ticks } from '../../ui/ticks.tsx'

type BubbleMetaProps = {
  clock: string
  edited: boolean
  mine: boolean
  status?: DeliveryStatus | undefined
}

/** The small print of a message: edited, time, ticks. The bubble's label says the same, so it is not read twice. */
export function BubbleMeta({ clock, edited, mine, status }: BubbleMetaProps) {
  const { t } = useI18n()
  return (
    <View style={styles.line} aria-hidden>
      <Text size="caption" color={mine ? 'mutedOnOwn' : 'muted'} style={styles.small} numberOfLines={1}>
        {edited ? `${t('edited')} ${clock}` : clock}
      </Text>
      {status !== undefined && <Ticks status={status} on="own" />}
    </View>
  )
}

/** Room the small print takes in the last line, in points. */
export function metaWidth(words: string, status: DeliveryStatus | undefined): number {
  let letters = 0
  for (const letter of words) letters += /\d/.test(letter) ? 6.2 : /[\s:.]/.test(letter) ? 3.2 : 5.8
  const ticks = status === undefined ? 0 : hasTicks(status) ? 20 : 17
  return Math.ceil(letters * textScale + ticks + 10)
}

const styles = StyleSheet.create({
  line: { flexDirection: 'row', alignItems: 'center', gap: 4, userSelect: 'none' },
  small: { fontSize: typeScale.caption.fontSize - 1, fontVariant: ['tabular-nums'] },
})
