import { TextField, type TextFieldProps } from '../../ui/text-field.tsx'

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
