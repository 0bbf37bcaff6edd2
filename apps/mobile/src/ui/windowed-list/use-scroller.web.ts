import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useReducer,
  useRef,
  useState,
} from 'react'
import { JumpDetector } from './jump-detector.ts'
import type { Movement, WindowedListProps } from './list-props.ts'
import { type RowWindow, WindowModel } from './window-model.ts'

type Scroller = {
  scroller: RefObject<HTMLDivElement | null>
  content: RefObject<HTMLUListElement | null>
  model: WindowModel
  rowWindow: RowWindow
  onScroll: () => void
  onKeyDown: (event: KeyboardEvent) => void
  /** Renders again after the model was moved. */
  redraw: () => void
}

/** Connects a scrolling element to its model: measures rows, applies the model's position. */
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
    const heightsChanged = measureRows(content.current, model)
    knownTop.current = moveTo(box, knownTop.current, model.scrollTop())
    const next = model.rowWindow()
    if (heightsChanged || next.start < rowWindow.start || next.end > rowWindow.end) redraw()
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: reports again when the rows change.
  useEffect(() => latest.current.report('none'), [props.rows])
  useSizeChanges([scroller, content], () => {
    latest.current.settle()
    latest.current.report('none')
  })

  const onScroll = () => {
    const { scrollTop: top = 0, clientHeight = 1 } = scroller.current ?? {}
    // The list's own moves cause scroll events, too; these are ignored.
    const by = Math.abs(top - knownTop.current)
    if (by >= 2) motion.moved(by / clientHeight)
    knownTop.current = top
    model.scrolledTo(top)
    if (isStale(rowWindow, model.rowWindow())) redraw()
    report(by < 2 ? 'none' : 'scrolled')
  }
  return { scroller, content, model, rowWindow, onScroll, onKeyDown: motion.onKeyDown, redraw }
}

/** Returns whether any rendered row changed its height. */
function measureRows(content: HTMLElement, model: WindowModel): boolean {
  let changed = false
  for (const element of content.children) {
    const key = element instanceof HTMLElement ? element.dataset['key'] : undefined
    if (key !== undefined) changed = model.measure(key, element.getBoundingClientRect().height) || changed
  }
  return changed
}

/**
 * Scrolls by the difference, not to the target: a scroll in progress may be further than its last
 * event. If the content shrank, the browser has moved already. Returns the known position.
 */
function moveTo(box: HTMLElement, knownTop: number, wanted: number): number {
  const known = Math.min(knownTop, box.scrollHeight - box.clientHeight)
  const drift = wanted - known
  if (Math.abs(drift) < 1) return known
  box.scrollTop += drift
  return wanted
}

/** Rows that came near are rendered at once; those that left are dropped in batches. */
const isStale = (shown: RowWindow, wanted: RowWindow) =>
  wanted.start < shown.start ||
  wanted.end > shown.end ||
  wanted.start - shown.start > 8 ||
  shown.end - wanted.end > 8

function useSizeChanges(elements: RefObject<HTMLElement | null>[], onChange: () => void) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the elements and what the callback calls stay the same.
  useEffect(() => {
    const observer = new ResizeObserver(onChange)
    for (const { current } of elements) if (current !== null) observer.observe(current)
    return () => observer.disconnect()
  }, [])
}

/** Without a move for this long, in milliseconds, the view is at rest. */
const restMs = 150

/** Tells scrolling from jumping. `onRest`: a jump has come to rest. */
function useMotion(onRest: () => void) {
  const [jumpDetector] = useState(() => new JumpDetector())
  const toEdge = useRef(false)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latestOnRest = useRef(onRest)
  useEffect(() => {
    latestOnRest.current = onRest
  })
  useEffect(() => () => clearTimeout(timer.current), [])
  const awaitRest = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      timer.current = undefined
      toEdge.current = false
      latestOnRest.current()
    }, restMs)
  }
  return {
    moved(screens: number): void {
      const wasSeen = jumpDetector.wasSeen(screens, performance.now())
      if (!wasSeen || toEdge.current) awaitRest()
    },
    /** A jump is in progress: what is on screen is only passing. */
    isJumping: () => timer.current !== undefined,
    /** Browsers may animate End and Home slowly, so the key decides. */
    onKeyDown({ key }: KeyboardEvent) {
      if (key !== 'End' && key !== 'Home') return
      toEdge.current = true
      awaitRest()
    },
  }
}

/** Rendered above and below the viewport, in pixels: half a second of fast scrolling. */
const overscan = 600
/** Offset of the row that the list starts at, from the top of the viewport. */
const initialOffset = 72

/** The list's model, kept up to date with its rows. The first rows decide where it starts. */
function useWindowModel<Row extends { key: string }>(props: WindowedListProps<Row>): WindowModel {
  const { rows, from, initialKey, initialPosition, estimate, canAnchor: isSteady, padding } = props
  const followsEnd = from === 'end' && props.followsEnd !== false
  const rowOf = useRef(new Map<string, Row>())
  const seen = useRef<readonly Row[] | null>(null)
  const begun = useRef(false)
  const made = useRef<WindowModel | null>(null)
  made.current ??= new WindowModel({
    estimate(key) {
      const row = rowOf.current.get(key)
      return row === undefined ? 0 : estimate(row)
    },
    canAnchor(key) {
      const row = rowOf.current.get(key)
      return row !== undefined && (isSteady === undefined || isSteady(row))
    },
    overscan,
    padding,
    followsEnd,
  })
  const model = made.current
  const isKnown = initialKey !== undefined && rowOf.current.has(initialKey)
  model.setFollowsEnd(followsEnd)
  if (seen.current !== rows) {
    seen.current = rows
    rowOf.current = new Map(rows.map((row) => [row.key, row]))
    model.setKeys(rows.map((row) => row.key))
  }
  if (!begun.current && rows.length > 0) {
    begun.current = true
    const placed =
      (initialPosition !== undefined && model.goTo(initialPosition.key, initialPosition.offset)) ||
      (initialKey !== undefined && model.goTo(initialKey, initialOffset))
    if (!placed && from === 'end') model.goToEnd()
  } else if (initialKey !== undefined && !isKnown && model.atEnd()) {
    model.goTo(initialKey, initialOffset)
  }
  return model
}
