import type { ComponentProps } from 'react'
import { Button } from './button.tsx'
import { useForm } from './form-context.ts'

/** Sends the form it stands in. */
export function SubmitButton(props: Omit<ComponentProps<typeof Button>, 'onPress'>) {
  const { submit } = useForm()
  return <Button {...props} onPress={submit} />
}
