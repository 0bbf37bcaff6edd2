import { NativeStackView } from '@react-navigation/native-stack'
import type { ComponentProps } from 'react'

export type PhoneStackProps = ComponentProps<typeof NativeStackView>

/** The platform's own stack, with its gestures. */
export function PhoneStack(props: PhoneStackProps) {
  return <NativeStackView {...props} />
}
