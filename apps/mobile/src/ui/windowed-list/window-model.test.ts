import { expect, test } from 'vitest'
import { WindowModel } from './window-model.ts'

const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `row-${from + i}`)

function listOf(keys: string[], viewport = 600) {
  const model = new WindowModel({
    estimate: () => 50,
    overscan: 300,
    padding: { start: 10, end: 10 },
    followsEnd: true,
    canAnchor: (key) => key.startsWith('row'),
  })
  model.setKeys(keys)
  model.setViewport(viewport)
  return model
}

/** Top of a row on screen, by the real heights of `heightOf`. */
function topOf(
  model: ReturnType<typeof listOf>,
  keys: string[],
  key: string,
  heightOf: (key: string) => number,
) {
  const { start, before } = model.rowWindow()
  let top = before
  for (const other of keys.slice(start)) {
    if (other === key) break
    top += heightOf(other)
  }
  return top - model.scrollTop()
}

test('only rows near the viewport are rendered; padding stands for the rest', () => {
  const model = listOf(numbered(0, 1000))
  model.goToEnd()
  expect(model.scrollTop()).toBe(1000 * 50 + 20 - 600)
  const { start, end, before, after } = model.rowWindow()
  expect(end).toBe(1000)
  expect(end - start).toBeLessThan(25)
  expect(before + (end - start) * 50 + after).toBe(1000 * 50 + 20)
})

test('rows prepended above do not move what is on screen, whatever their height', () => {
  const heightOf = (key: string) => 30 + ((Number(key.slice(4)) * 37) % 180)
  const later = numbered(500, 560)
  const model = listOf(later)
  for (const key of later) model.measure(key, heightOf(key))
  model.scrolledTo(400)
  const seen = model.firstVisible() ?? ''
  const position = topOf(model, later, seen, heightOf)

  const all = numbered(450, 560)
  model.setKeys(all)
  expect(topOf(model, all, seen, heightOf)).toBeCloseTo(position)
  for (const key of numbered(450, 500)) {
    model.measure(key, heightOf(key))
    expect(topOf(model, all, seen, heightOf)).toBeCloseTo(position)
  }
})

test('a heading that moves up does not move the view: it is no scroll anchor', () => {
  const later = ['heading', ...numbered(50, 100)]
  const model = listOf(later)
  model.scrolledTo(0)
  model.setKeys(['heading', ...numbered(0, 100)])
  expect(model.scrollTop()).toBe(50 * 50)
})

test('new rows at the end are followed only by a view that is at the end', () => {
  const model = listOf(numbered(0, 100))
  model.scrolledTo(1000)
  model.setKeys(numbered(0, 101))
  expect(model.scrollTop()).toBe(1000)

  model.scrolledTo(101 * 50 + 20 - 600)
  expect(model.atEnd()).toBe(true)
  model.setKeys(numbered(0, 102))
  expect(model.scrollTop()).toBe(102 * 50 + 20 - 600)
})

test('a viewport that shrinks keeps its lowest row, as when a keyboard opens', () => {
  const model = listOf(numbered(0, 100))
  model.scrolledTo(1000)
  model.setViewport(350)
  expect(model.scrollTop()).toBe(1250)
})

test('when the anchor row is removed, its neighbour becomes the anchor', () => {
  const model = listOf(numbered(0, 100))
  model.scrolledTo(10 + 20 * 50)
  model.setKeys(numbered(0, 100).filter((key) => key !== 'row-20'))
  expect(model.scrollTop()).toBe(10 + 20 * 50)
})

test('a row can be scrolled to; a missing one cannot', () => {
  const model = listOf(numbered(0, 100))
  expect(model.goTo('row-40', 80)).toBe(true)
  expect(model.scrollTop()).toBe(10 + 40 * 50 - 80)
  expect(model.goTo('nobody', 0)).toBe(false)
  expect(model.goTo('row-99', 0)).toBe(true)
  expect(model.scrollTop()).toBe(100 * 50 + 20 - 600)
})

test('an empty list is at its top', () => {
  const model = listOf([])
  model.goToEnd()
  expect(model.scrollTop()).toBe(0)
  expect(model.rowWindow()).toEqual({ start: 0, end: 0, before: 10, after: 10 })
  expect(model.firstVisible()).toBeUndefined()
})

test('a view at rest at the end follows it, one at rest above does not', () => {
  const model = listOf(numbered(0, 100))
  model.goTo('row-98', 100)
  model.rest()
  expect(model.atEnd()).toBe(true)
  model.goTo('row-40', 100)
  model.rest()
  expect(model.atEnd()).toBe(false)
})

test('the end of the loaded rows is not followed while newer ones are not loaded', () => {
  const model = listOf(numbered(0, 100))
  model.goToEnd()
  const { position } = model.view()
  model.setFollowsEnd(false)
  model.setKeys(numbered(0, 150))
  expect(model.view()).toMatchObject({ atEnd: false, position })
  model.goToEnd()
  expect(model.scrollTop()).toBe(150 * 50 + 20 - 600)
  model.setKeys(numbered(0, 200))
  expect(model.scrollTop()).toBe(150 * 50 + 20 - 600)
})

test('a row counts as visible once its end is on screen', () => {
  const model = listOf(numbered(0, 100))
  model.scrolledTo(10 + 20 * 50)
  expect(model.view()).toMatchObject({ firstVisible: 'row-20', lastVisible: 'row-31' })
  model.scrolledTo(10 + 20 * 50 + 30)
  expect(model.view()).toMatchObject({ firstVisible: 'row-20', lastVisible: 'row-31' })
  model.measure('row-21', 2000)
  model.scrolledTo(10 + 21 * 50 + 100)
  expect(model.view()).toMatchObject({ firstVisible: 'row-21', lastVisible: 'row-20' })
})

test('a list restored to a position shows the same rows again', () => {
  const model = listOf(numbered(0, 100))
  model.scrolledTo(1234)
  const { position } = model.view()
  const again = listOf(numbered(0, 120))
  expect(again.goTo(position?.key ?? '', position?.offset ?? 0)).toBe(true)
  expect(again.scrollTop()).toBe(1234)
})
