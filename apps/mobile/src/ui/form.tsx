import { type ReactNode, useMemo } from 'react'
import { View } from 'react-native'
import { FormContext } from './form-context.ts'

export type FormProps = { label: string; onSubmit: () => void; children: ReactNode }

/** A form. */
export function Form({ label, onSubmit, children }: FormProps) {
  const actions = useMemo(() => ({ submit: onSubmit, onEnter: onSubmit }), [onSubmit])
  return (
    <FormContext value={actions}>
      <View aria-label={label}>{children}</View>
    </FormContext>
  )
}
