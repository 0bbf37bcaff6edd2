import { useState } from 'react'
import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { useMe } from '../../providers/use-client-data.ts'
import { useTask } from '../../providers/use-task.ts'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Text } from '../../ui/text.tsx'

/** Whether the stored address is proven, and how to prove it. */
export function EmailState() {
  const { t } = useI18n()
  const { session } = useClient()
  const me = useMe()
  const { run, busy, problem } = useTask()
  const [sent, setSent] = useState(false)
  if (me.email === null) return null
  if (me.emailVerified) {
    return (
      <Text size="small" color="muted">
        {t('emailVerified')}
      </Text>
    )
  }
  const words = problem ?? (sent ? 'mailSent' : 'emailUnverified')
  return (
    <View style={styles.line}>
      <Text size="small" color={problem === null ? 'muted' : 'danger'} role="status" style={styles.words}>
        {t(words)}
      </Text>
      {!sent && (
        <View style={styles.button}>
          <Button
            testID="resend-mail"
            title={t('resendMail')}
            kind="plain"
            busy={busy}
            onPress={() => run(() => session.resendVerification().then(() => setSent(true)))}
          />
        </View>
      )}
    </View>
  )
}

const styles = StyleSheet.create({
  line: { flexDirection: 'row', flexWrap: 'wrap', alignItems: 'center', columnGap: space.s },
  words: { flexShrink: 1 },
  // Its words stand under the line above them.
  button: { marginStart: -(space.l + 2) },
})
