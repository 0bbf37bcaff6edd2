import type { ReactNode } from 'react'
import { Pressable } from 'react-native'
import type { IconName } from '../../ui/icon.tsx'

export type PressBubbleProps = { onPress: () => void; children: ReactNode }

/** Phones open the message actions with a long press. */
export function PressBubble({ onPress, children }: PressBubbleProps) {
  return (
    <Pressable accessible={false} onLongPress={onPress}>
      {children}
    </Pressable>
  )
}

export type RevealActionProps = { icon: IconName; label: string; onPress: () => void }

/** Phones have no hover. */
export function RevealAction(_props: RevealActionProps) {
  return null
}
