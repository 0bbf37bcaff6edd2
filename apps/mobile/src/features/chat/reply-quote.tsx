import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { useTheme } from '../../theme/theme-provider.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

type ReplyQuoteProps = {
  id: string
  senderId: string
  name: string
  /** Empty where it was deleted, or said before the reader joined. */
  excerpt: string
  mine: boolean
  onPress: (id: string) => void
}

/** The message that is answered, with a bar in its sender's hue; a press goes there. */
export function ReplyQuote({ id, senderId, name, excerpt, mine, onPress }: ReplyQuoteProps) {
  const { t } = useI18n()
  const { hueOf, colors } = useTheme()
  const hue = hueOf(senderId)
  return (
    <Touchable
      label={t('replyLabel', { name })}
      style={[styles.quote, { backgroundColor: mine ? colors.quoteOnOwn : colors.quote }]}
      onPress={() => onPress(id)}
    >
      <View style={[styles.bar, { backgroundColor: hue }]} />
      <View style={styles.words}>
        <Text size="small" weight="600" numberOfLines={1} style={{ color: hue }}>
          {name}
        </Text>
        <Text size="small" color={mine ? 'mutedOnOwn' : 'muted'} numberOfLines={1}>
          {excerpt || t('quoteUnavailable')}
        </Text>
      </View>
    </Touchable>
  )
}

const styles = StyleSheet.create({
  quote: {
    flexDirection: 'row',
    borderRadius: 8,
    marginTop: 2,
    marginBottom: space.xs,
    marginHorizontal: -space.xs,
  },
  bar: { width: 3 },
  words: { flex: 1, minWidth: 0, paddingHorizontal: space.s, paddingVertical: 5 },
})
