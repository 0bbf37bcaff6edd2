import type { Unsent } from '@finnigram/client'
import { useState } from 'react'
import { View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { createStyles } from '../../theme/create-styles.ts'
import { minimumTarget, radius, space } from '../../theme/scale.ts'
import { Text } from '../../ui/text.tsx'
import { Touchable } from '../../ui/touchable.tsx'
import { copyText } from '../chat/copy-text.ts'

/**
 * What I typed in a chat that I am no longer in: it can be copied, and stays until it is deleted.
 */
export function UnsentRow({ unsent }: { unsent: Unsent }) {
  const { t } = useI18n()
  const styles = useStyles()
  const { conversations } = useClient()
  const [outcome, setOutcome] = useState<'copied' | 'copyFailed' | null>(null)
  const { conversationId, title, texts } = unsent
  const text = texts.join('\n')
  return (
    <View testID={`unsent-${conversationId}`} style={styles.card}>
      <Text size="small" weight="600" color="danger">
        {t('unsentGone', { title })}
      </Text>
      <Text size="small" numberOfLines={4} selectable>
        {text}
      </Text>
      <View style={styles.actions}>
        <Touchable
          testID={`copy-unsent-${conversationId}`}
          style={styles.action}
          onPress={() => void copyText(text).then((done) => setOutcome(done ? 'copied' : 'copyFailed'))}
        >
          <Text size="small" weight="600" color="accent" role="status">
            {t(outcome ?? 'copyText')}
          </Text>
        </Touchable>
        <Touchable
          testID={`discard-unsent-${conversationId}`}
          style={styles.action}
          onPress={() => conversations.discardUnsent(conversationId)}
        >
          <Text size="small" weight="600" color="danger">
            {t('delete')}
          </Text>
        </Touchable>
      </View>
    </View>
  )
}

const useStyles = createStyles(({ colors }) => ({
  card: {
    marginHorizontal: space.l,
    marginBottom: space.s,
    paddingHorizontal: space.m,
    paddingTop: space.m,
    gap: space.xs,
    borderRadius: radius.card,
    borderWidth: 1,
    borderColor: colors.line,
    backgroundColor: colors.raised,
  },
  actions: { flexDirection: 'row', gap: space.l },
  action: { minHeight: minimumTarget, justifyContent: 'center' },
}))
