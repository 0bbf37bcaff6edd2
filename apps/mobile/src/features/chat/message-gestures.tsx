import type { ReactNode } from 'react'
import { Pressable } from 'react-native'

export type PressBubbleProps = { onPress: () => void; children: ReactNode }

/** Phones open a message's actions by a long press. */
export function PressBubble({ onPress, children }: PressBubbleProps) {
  return (
    <Pressable accessible={false} onLongPress={onPress}>
      {children}
    </Pressable>
  )
}
