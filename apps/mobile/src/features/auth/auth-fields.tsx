import { useI18n } from '../../i18n/i18n-provider.tsx'
import { TextField, type TextFieldProps } from '../../ui/text-field.tsx'

/** The second factor; phones offer the code by themselves. */
export function CodeField(props: Omit<TextFieldProps, 'label'>) {
  const { t } = useI18n()
  return (
    <TextField
      testID="auth-code"
      label={t('code')}
      hint={t('codeHint')}
      autoComplete="one-time-code"
      autoCapitalize="none"
      autoCorrect={false}
      spellCheck={false}
      autoFocus
      last
      {...props}
    />
  )
}
