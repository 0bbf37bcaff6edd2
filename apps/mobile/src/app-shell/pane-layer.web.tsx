import type { PaneLayerProps } from './pane-layer.tsx'

/** A covered screen keeps its size, and so the place it was scrolled to, but can neither be seen nor reached. */
export function PaneLayer({ visible, children }: PaneLayerProps) {
  return (
    <div className="screen" inert={!visible}>
      {children}
    </div>
  )
}
