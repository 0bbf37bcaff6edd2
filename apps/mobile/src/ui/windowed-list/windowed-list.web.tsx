import { useImperativeHandle } from 'react'
import { matchesMedia } from '../media-query.web.ts'
import type { WindowedListProps } from './list-props.ts'
import { useScroller } from './use-scroller.web.ts'

/** Where `scrollToKey` puts a row, as a share of the viewport. */
const jumpOffset = 0.3

/**
 * A windowed list in the browser: renders only rows near the viewport. It anchors the scroll
 * position itself (`window-model.ts`), because browsers differ in that and none anchors over rows
 * that are not rendered.
 */
export function WindowedList<Row extends { key: string }>(props: WindowedListProps<Row>) {
  const { scroller, content, model, rowWindow, onScroll, onKeyDown, redraw } = useScroller(props)
  const { start, end, before, after } = rowWindow
  useImperativeHandle(props.ref, () => ({
    scrollToEnd(smoothly) {
      const box = scroller.current
      if (smoothly && box !== null && isNear(box)) {
        box.scrollTo({ top: box.scrollHeight, behavior: 'smooth' })
        return
      }
      model.goToEnd()
      redraw()
    },
    scrollToKey(key) {
      const found = model.goTo(key, (scroller.current?.clientHeight ?? 0) * jumpOffset)
      redraw()
      return found
    },
  }))
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: observes the browser.s own scrolling.
    <div
      ref={scroller}
      className="windowed-list"
      data-from={props.from}
      data-testid={props.testID}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller needs the keyboard.
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <ul
        ref={content}
        className="windowed-rows"
        aria-label={props.label}
        style={{ paddingTop: before, paddingBottom: after }}
      >
        {props.rows.slice(start, end).map((row) => (
          <li key={row.key} data-key={row.key}>
            {props.renderRow(row)}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Smooth scrolling is used for short distances only, and not for reduced motion. */
const isNear = (box: HTMLElement) =>
  box.scrollHeight - box.scrollTop - box.clientHeight < box.clientHeight * 3 &&
  !matchesMedia('(prefers-reduced-motion: reduce)')
