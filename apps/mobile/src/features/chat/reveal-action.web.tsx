import { IconButton } from '../../ui/icon-button.tsx'
import type { RevealActionProps } from './reveal-action.tsx'

/** A button beside a message that shows under the pointer and to the keyboard. */
export function RevealAction(props: RevealActionProps) {
  return (
    <div className="reveal">
      <IconButton {...props} size={18} />
    </div>
  )
}
