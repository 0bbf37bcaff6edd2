import type { PhoneStackProps } from './pane-views.tsx'

/** The stack in a narrow browser: the screens beneath stay as they were left, out of sight and reach. */
export function PhoneStack({ state, descriptors }: PhoneStackProps) {
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
