import { StyleSheet, View } from 'react-native'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { AuthStage } from './auth-layout.tsx'
import { useVerification } from './use-verification.ts'

/** Where the link in a mail leads: it proves the address at once. */
export function VerifyEmailScreen({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useI18n()
  const { outcome, again } = useVerification(token)
  if (outcome === 'gone' || outcome === 'done') {
    const done = outcome === 'done'
    return (
      <AuthStage
        title={t(done ? 'verifyDone' : 'linkGoneTitle')}
        subtitle={t(done ? 'verifyDoneBody' : 'linkGoneBody')}
      >
        <Button testID="verify-done" title={t('goOn')} wide onPress={onDone} />
      </AuthStage>
    )
  }
  return (
    <AuthStage title={t('verifyTitle')} subtitle="">
      {outcome !== 'checking' && (
        <View style={styles.again}>
          <Notice text={t(outcome.problem)} />
          <Button title={t('tryAgain')} wide onPress={again} />
        </View>
      )}
    </AuthStage>
  )
}

const styles = StyleSheet.create({ again: { gap: space.l } })
