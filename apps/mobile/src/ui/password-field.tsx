import { useState } from 'react'
import { useI18n } from '../i18n/i18n-provider.tsx'
import { IconButton } from './icon-button.tsx'
import { TextField, type TextFieldProps } from './text-field.tsx'

/** A password, hidden until the person asks to see it. */
export function PasswordField(props: Omit<TextFieldProps, 'secureTextEntry' | 'accessory'>) {
  const { t } = useI18n()
  const [shown, setShown] = useState(false)
  return (
    <TextField
      {...props}
      secureTextEntry={!shown}
      autoCapitalize="none"
      autoCorrect={false}
      accessory={
        <IconButton
          icon={shown ? 'eyeOff' : 'eye'}
          label={t(shown ? 'hidePassword' : 'showPassword')}
          size={20}
          onPress={() => setShown(!shown)}
        />
      }
    />
  )
}
