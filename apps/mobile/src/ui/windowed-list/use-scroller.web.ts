import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useReducer, useRef } from 'react'
import type { Movement, WindowedListProps } from './list-props.ts'
import { useMotion } from './use-motion.web.ts'
import { useWindowModel } from './use-window-model.web.ts'
import type { RowWindow, WindowModel } from './window-model.ts'

type Scroller = {
  scroller: RefObject<HTMLDivElement | null>
  content: RefObject<HTMLUListElement | null>
  model: WindowModel
  rowWindow: RowWindow
  onScroll: () => void
  onKeyDown: (event: KeyboardEvent) => void
  /** Renders again after the model was told to stand elsewhere. */
  redraw: () => void
}

/** Joins a scrolling element to the model of its rows: measures what is rendered, and keeps the view where the model says. */
export function useScroller<Row extends { key: string }>(props: WindowedListProps<Row>): Scroller {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLUListElement>(null)
  const knownTop = useRef(0)
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const model = useWindowModel(props)
  const rowWindow = model.rowWindow()
  const motion = useMotion(() => latest.current.report('none'))

  const settle = () => {
    const box = scroller.current
    if (box === null || content.current === null) return
    model.setViewport(box.clientHeight)
    const news = measureRows(content.current, model)
    knownTop.current = moveTo(box, knownTop.current, model.scrollTop())
    const next = model.rowWindow()
    if (news || next.start < rowWindow.start || next.end > rowWindow.end) redraw()
  }
  const report = (movement: Movement) => {
    const box = scroller.current
    if (box === null) return
    model.rest()
    props.onMove?.({ ...model.view(), movement: motion.isJumping() ? 'jumping' : movement })
    if (box.scrollTop < box.clientHeight * 2) props.onNearEdge?.('start')
    if (box.scrollHeight - box.scrollTop < box.clientHeight * 3) props.onNearEdge?.('end')
  }
  const latest = useRef({ settle, report })
  useLayoutEffect(() => {
    latest.current = { settle, report }
    settle()
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: told again when the rows change.
  useEffect(() => latest.current.report('none'), [props.rows])
  useSizeChanges([scroller, content], () => {
    latest.current.settle()
    latest.current.report('none')
  })

  const onScroll = () => {
    const { scrollTop: top = 0, clientHeight = 1 } = scroller.current ?? {}
    // The list's own moves are told as events, too; they are known already.
    const by = Math.abs(top - knownTop.current)
    if (by >= 2) motion.moved(by / clientHeight)
    knownTop.current = top
    model.scrolledTo(top)
    if (isStale(rowWindow, model.rowWindow())) redraw()
    report(by < 2 ? 'none' : 'scrolled')
  }
  return { scroller, content, model, rowWindow, onScroll, onKeyDown: motion.onKeyDown, redraw }
}

/** Returns whether any rendered row has another height than was known. */
function measureRows(content: HTMLElement, model: WindowModel): boolean {
  let news = false
  for (const element of content.children) {
    const key = element instanceof HTMLElement ? element.dataset['key'] : undefined
    if (key !== undefined) news = model.measure(key, element.getBoundingClientRect().height) || news
  }
  return news
}

/**
 * Moves by the difference, not to the place: a scroll under way may be further than its last event said. Where the
 * content became shorter the browser has moved the view already. Returns where the view is now known to be.
 */
function moveTo(box: HTMLElement, knownTop: number, wanted: number): number {
  const known = Math.min(knownTop, box.scrollHeight - box.clientHeight)
  const drift = wanted - known
  if (Math.abs(drift) < 1) return known
  box.scrollTop += drift
  return wanted
}

/** Rows that came near must be rendered at once; those that left are dropped in batches. */
const isStale = (shown: RowWindow, wanted: RowWindow) =>
  wanted.start < shown.start ||
  wanted.end > shown.end ||
  wanted.start - shown.start > 8 ||
  shown.end - wanted.end > 8

function useSizeChanges(elements: RefObject<HTMLElement | null>[], onChange: () => void) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the elements and the callback's target stay for life.
  useEffect(() => {
    const observer = new ResizeObserver(onChange)
    for (const { current } of elements) if (current !== null) observer.observe(current)
    return () => observer.disconnect()
  }, [])
}
