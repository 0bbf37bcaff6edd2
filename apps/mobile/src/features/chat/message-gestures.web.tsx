import { IconButton } from '../../ui/button.tsx'
import { matchesMedia } from '../../ui/media-query.web.ts'
import type { PressBubbleProps, RevealActionProps } from './message-gestures.tsx'

/** Without hover, a tap opens the message actions. With hover, a click can select text. */
export function PressBubble({ onPress, children }: PressBubbleProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keyboards reach the actions through the button beside it.
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above.
    <div
      className="press-bubble"
      onClick={(event) => {
        const onControl = event.target instanceof Element && event.target.closest('a, button') !== null
        const selecting = window.getSelection()?.isCollapsed === false
        if (!onControl && !selecting && matchesMedia('(hover: none)')) onPress()
      }}
    >
      {children}
    </div>
  )
}

/** A button beside a message, visible on hover and on keyboard focus. */
export function RevealAction(props: RevealActionProps) {
  return (
    <div className="reveal">
      <IconButton {...props} size={18} />
    </div>
  )
}
