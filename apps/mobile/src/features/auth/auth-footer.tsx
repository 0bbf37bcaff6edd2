import { StyleSheet, View } from 'react-native'
import { space } from '../../theme/scale.ts'
import { Button } from '../../ui/button.tsx'
import { SubmitButton } from '../../ui/submit-button.tsx'
import { Text } from '../../ui/text.tsx'

type AuthFooterProps = {
  action: string
  busy: boolean
  question: string
  other: string
  onOther: () => void
}

/** The button that sends the form, and the way to the other form. */
export function AuthFooter({ action, busy, question, other, onOther }: AuthFooterProps) {
  return (
    <View style={styles.footer}>
      <SubmitButton testID="auth-submit" title={action} busy={busy} wide />
      <View style={styles.switch}>
        <Text color="muted">{question}</Text>
        <Button testID="auth-switch" title={other} kind="plain" role="link" onPress={onOther} />
      </View>
    </View>
  )
}

const styles = StyleSheet.create({
  footer: { marginTop: space.s, gap: space.m },
  switch: { flexDirection: 'row', alignItems: 'center', justifyContent: 'center', marginEnd: -space.l },
})
