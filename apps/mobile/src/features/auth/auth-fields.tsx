import { useI18n } from '../../i18n/i18n-provider.tsx'
import { TextField, type TextFieldProps } from '../../ui/text-field.tsx'

/** The code of the second factor; phones offer to fill it in. */
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

export function EmailField(props: TextFieldProps) {
  return (
    <TextField
      testID="auth-email"
      autoComplete="email"
      keyboardType="email-address"
      autoCapitalize="none"
      autoCorrect={false}
      spellCheck={false}
      {...props}
    />
  )
}

/** Password managers recognise it by its `autocomplete`. */
export function UsernameField(props: Omit<TextFieldProps, 'label'>) {
  const { t } = useI18n()
  return (
    <TextField
      testID="auth-username"
      label={t('username')}
      autoComplete="username"
      autoCapitalize="none"
      autoCorrect={false}
      spellCheck={false}
      autoFocus
      {...props}
    />
  )
}
