import type { IconName } from '../../ui/icon-paths.ts'

export type RevealActionProps = { icon: IconName; label: string; onPress: () => void }

/** Phones have no pointer to hover with. */
export function RevealAction(_props: RevealActionProps) {
  return null
}
