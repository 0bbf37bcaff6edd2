import { ApiProblem } from '@finnigram/client'
import { useEffect, useState } from 'react'
import { StyleSheet, View } from 'react-native'
import type { PlainText } from '../../i18n/en.ts'
import { useI18n } from '../../i18n/i18n-provider.tsx'
import { useClient } from '../../providers/client-provider.tsx'
import { problemMessage } from '../../providers/problem-messages.ts'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { Notice } from '../../ui/notice.tsx'
import { AuthLayout } from './auth-layout.tsx'

/** Opened by the verification link: verifies the address at once. */
export function VerifyEmailScreen({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useI18n()
  const { outcome, again } = useVerification(token)
  if (outcome === 'gone' || outcome === 'done') {
    const done = outcome === 'done'
    return (
      <AuthLayout
        title={t(done ? 'verifyDone' : 'linkGoneTitle')}
        subtitle={t(done ? 'verifyDoneBody' : 'linkGoneBody')}
      >
        <Button testID="verify-done" title={t('goOn')} wide onPress={onDone} />
      </AuthLayout>
    )
  }
  return (
    <AuthLayout title={t('verifyTitle')} subtitle="">
      {outcome !== 'checking' && (
        <View style={styles.again}>
          <Notice text={t(outcome.problem)} />
          <Button title={t('tryAgain')} wide onPress={again} />
        </View>
      )}
    </AuthLayout>
  )
}

const styles = StyleSheet.create({ again: { gap: space.l } })

type Outcome = 'checking' | 'done' | 'gone' | { problem: PlainText }

/** Verifies an email address by its token, and again on request. */
function useVerification(token: string) {
  const { session } = useClient()
  const [outcome, setOutcome] = useState<Outcome>('checking')
  const [attempt, setAttempt] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt asks again.
  useEffect(() => {
    let left = false
    const settle = (next: Outcome) => {
      if (!left) setOutcome(next)
    }
    session.verifyEmail(token).then(
      () => settle('done'),
      (error: unknown) => {
        const gone = error instanceof ApiProblem && error.code === 'gone'
        settle(gone ? 'gone' : { problem: problemMessage(error) })
      },
    )
    return () => {
      left = true
    }
  }, [session, token, attempt])
  const again = () => {
    setOutcome('checking')
    setAttempt((before) => before + 1)
  }
  return { outcome, again }
}
