import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { minimumTarget, radius, space } from '../../theme/scale.ts'
import { IconButton } from '../../ui/icon-button.tsx'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'

type SupersededStripProps = { text: string; putBack: () => void; discard: () => void }

/**
 * Over the composer: what was typed on this device and gave way to a newer draft from another one.
 */
export function SupersededStrip({ text, putBack, discard }: SupersededStripProps) {
  const { t } = useI18n()
  const styles = useStyles()
  return (
    <View testID="superseded-strip" style={styles.strip}>
      <View style={styles.words}>
        <Text size="small" weight="600" numberOfLines={1}>
          {t('typedBefore')}
        </Text>
        <Text size="small" color="muted" numberOfLines={2}>
          {text}
        </Text>
      </View>
      <Touchable testID="superseded-put-back" style={styles.action} onPress={putBack}>
        <Text size="small" weight="600" color="accent">
          {t('putBack')}
        </Text>
      </Touchable>
      <IconButton icon="close" size={18} label={t('discardTyped')} onPress={discard} />
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  strip: {
    flexDirection: 'row',
    alignItems: 'center',
    marginBottom: space.s,
    paddingStart: space.m,
    borderRadius: radius.card,
    backgroundColor: colors.surface,
  },
  words: { flex: 1, minWidth: 0, paddingVertical: space.xs },
  action: { minHeight: minimumTarget, justifyContent: 'center', paddingHorizontal: space.m },
}))
