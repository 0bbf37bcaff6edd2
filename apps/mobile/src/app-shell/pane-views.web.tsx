import { useRef } from 'react'
import { rightToLeft } from '../i18n/device-locale.ts'
import { useTheme } from '../theme/theme-provider.tsx'
import type { PaneLayerProps, ResizeHandleProps, StackViewProps } from './pane-views.tsx'

/** The stack in a narrow browser. Screens below the top keep their state and are inert. */
export function PhoneStack({ state, descriptors }: StackViewProps) {
  return (
    <div className="stack">
      {state.routes.map((route, index) => {
        const top = index === state.index
        const kept = top || index === 0 || index === state.index - 1
        return (
          <div key={route.key} className={index === 0 ? 'screen' : 'screen screen-over'} inert={!top}>
            {kept && descriptors[route.key]?.render()}
          </div>
        )
      })}
    </div>
  )
}

/** A covered screen keeps its size, and so its scroll position, but is hidden and inert. */
export function PaneLayer({ visible, children }: PaneLayerProps) {
  return (
    <div className="screen" inert={!visible}>
      {children}
    </div>
  )
}

const keyStep = 16

/** The splitter between list and chat: drag it, or use the arrow keys. */
export function ResizeHandle({ label, width, min, max, onResize }: ResizeHandleProps) {
  const { colors } = useTheme()
  const drag = useRef<{ x: number; width: number } | null>(null)
  const towardsEnd = rightToLeft ? -1 : 1
  const resize = (next: number) => onResize(Math.round(Math.min(Math.max(next, min), max)))
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that moves is a widget (WAI-ARIA window splitter), which <hr> is not.
    <div
      className="resize-handle"
      style={{ backgroundColor: colors.line }}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { x: event.clientX, width }
      }}
      onPointerMove={(event) => {
        if (drag.current !== null) resize(drag.current.width + (event.clientX - drag.current.x) * towardsEnd)
      }}
      onPointerUp={() => {
        drag.current = null
      }}
      onKeyDown={({ key }) => {
        if (key === 'ArrowLeft') resize(width - keyStep * towardsEnd)
        if (key === 'ArrowRight') resize(width + keyStep * towardsEnd)
      }}
    />
  )
}
