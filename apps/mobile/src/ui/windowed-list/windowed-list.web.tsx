import { useEffect, useImperativeHandle, useLayoutEffect, useReducer, useRef } from 'react'
import type { WindowedListProps } from './list-props.ts'
import { useWindowModel } from './use-window-model.web.ts'

/**
 * A long list in the browser: it renders the rows near the viewport and holds what is on screen in place by
 * itself, because browsers differ in scroll anchoring and none anchors over rows that are not rendered.
 */
export function WindowedList<Row extends { key: string }>(props: WindowedListProps<Row>) {
  const { rows, from, onNearEdge, onMove, ref } = props
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLUListElement>(null)
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const knownTop = useRef(0)
  const model = useWindowModel(props)
  const { start, end, before, after } = model.rowWindow()
  const report = useRef({ onMove, onNearEdge, from, rows })
  report.current = { onMove, onNearEdge, from, rows }

  /** Measures what is rendered, puts the scroller where it belongs, and renders again if that brings other rows near. */
  const settle = useRef(() => {})
  settle.current = () => {
    const box = scroller.current
    if (box === null || content.current === null) return
    model.setViewport(box.clientHeight)
    let news = false
    for (const element of content.current.children) {
      const key = element instanceof HTMLElement ? element.dataset['key'] : undefined
      if (key !== undefined) news = model.measure(key, element.getBoundingClientRect().height) || news
    }
    // Moved by the difference, not to the place: a scroll under way may be further than its last event said.
    // Where the content became shorter, the browser has moved the view already.
    knownTop.current = Math.min(knownTop.current, box.scrollHeight - box.clientHeight)
    const drift = model.scrollTop() - knownTop.current
    if (Math.abs(drift) >= 1) {
      box.scrollTop += drift
      knownTop.current += drift
    }
    const next = model.rowWindow()
    if (news || next.start < start || next.end > end) redraw()
  }
  useLayoutEffect(() => settle.current())

  const tell = useRef(() => {})
  tell.current = () => {
    const box = scroller.current
    if (box === null) return
    model.rest()
    report.current.onMove?.({ atEnd: model.atEnd(), firstVisible: model.firstVisible() })
    const left =
      report.current.from === 'end' ? box.scrollTop : box.scrollHeight - box.scrollTop - box.clientHeight
    if (left < box.clientHeight * 2) report.current.onNearEdge?.()
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: told again when the rows change.
  useEffect(() => tell.current(), [rows])

  useEffect(() => {
    const box = scroller.current
    if (box === null) return
    const observer = new ResizeObserver(() => {
      settle.current()
      tell.current()
    })
    observer.observe(box)
    if (content.current !== null) observer.observe(content.current)
    return () => observer.disconnect()
  }, [])

  useImperativeHandle(ref, () => ({
    scrollToEnd(smoothly) {
      const box = scroller.current
      if (box === null) return
      const distance = box.scrollHeight - box.scrollTop - box.clientHeight
      if (smoothly && distance < box.clientHeight * 3 && !prefersReducedMotion()) {
        box.scrollTo({ top: box.scrollHeight, behavior: 'smooth' })
        return
      }
      model.followEnd()
      redraw()
    },
    scrollToKey(key) {
      const found = model.goTo(key, (scroller.current?.clientHeight ?? 0) * 0.3)
      redraw()
      return found
    },
  }))

  return (
    <div
      ref={scroller}
      className="windowed-list"
      data-from={from}
      data-testid={props.testID}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller needs the keyboard.
      tabIndex={0}
      onScroll={(event) => {
        const box = event.currentTarget
        knownTop.current = box.scrollTop
        model.scrolledTo(knownTop.current)
        const next = model.rowWindow()
        if (next.start < start || next.end > end || isFar(next.start, start) || isFar(next.end, end)) redraw()
        tell.current()
      }}
    >
      <ul
        ref={content}
        className="windowed-rows"
        aria-label={props.label}
        style={{ paddingTop: before, paddingBottom: after }}
      >
        {rows.slice(start, end).map((row) => (
          <li key={row.key} data-key={row.key}>
            {props.renderRow(row)}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Rows that left are dropped in batches, not one at each pixel. */
const isFar = (a: number, b: number) => Math.abs(a - b) > 8

const prefersReducedMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches
