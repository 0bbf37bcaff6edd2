import { useI18n } from '../../i18n/i18n-provider.tsx'
import { TextField, type TextFieldProps } from '../../ui/text-field.tsx'

/** Where either form begins; password managers know it by its `autocomplete`. */
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
