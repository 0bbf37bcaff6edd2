import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAs, type PersonAtBrowser } from '../src/person-at-browser.ts'
import { callApi, registerByApi } from '../src/prepare-by-api.ts'
import { type Product, startProduct } from '../src/start-product.ts'

const count = 500
let product: Product
let reader: PersonAtBrowser

beforeAll(async () => {
  product = await startProduct()
  const writer = await registerByApi(product.url, 'writer', 'Writer')
  const person = await registerByApi(product.url, 'reader', 'Reader')
  const body = { kind: 'direct', userId: person.user.id }
  const { id } = await callApi<{ id: string }>(product.url, '/v1/conversations', {
    token: writer.accessToken,
    body,
  })
  for (let start = 1; start <= count; start += 100) {
    const messages = Array.from({ length: 100 }, (_, index) => ({
      conversationId: id,
      id: newId(),
      text: `number ${start + index}`,
    }))
    await callApi(product.url, '/v1/messages', { token: writer.accessToken, body: { messages } })
  }
  reader = await openAs(product.browser, product.url, { username: 'reader', displayName: 'Reader' })
  await reader.logIn()
  await reader.openChat('Writer')
})
afterAll(async () => {
  await reader?.[Symbol.asyncDispose]()
  await product?.[Symbol.asyncDispose]()
})

test('scrolling back through 500 messages shows each in its place, without a jump', async () => {
  const list = reader.page.getByTestId('message-list')
  await list.hover()
  const seen = new Set<number>()
  const deadline = Date.now() + 90_000
  while (!seen.has(1) && Date.now() < deadline) {
    const numbers = (await reader.visibleTexts()).map((text) => Number(text.split(' ')[1]))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    for (const number of numbers) seen.add(number)
    await reader.page.mouse.wheel(0, -600)
    await reader.page.waitForTimeout(60)
  }
  expect([...seen].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
})

test('what is being read stays where it is while older messages arrive', async () => {
  await reader.page.reload()
  await reader.page.getByTestId('composer-input').waitFor()
  await reader.bubble('number 500').waitFor()
  const jumps: number[] = []
  await reader.page.getByTestId('message-list').hover()
  for (let step = 0; step < 60; step += 1) {
    const moved = await reader.page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))
      const list = document.querySelector('[data-testid="message-list"]')
      const middle = (list?.getBoundingClientRect().top ?? 0) + (list?.clientHeight ?? 0) / 2
      const bubbles = [...document.querySelectorAll('[data-testid^="message-"][data-state]')]
      const anchor = bubbles.find((bubble) => bubble.getBoundingClientRect().bottom > middle)
      const before = anchor?.getBoundingClientRect().top ?? 0
      for (let frames = 0; frames < 6; frames += 1) await frame()
      return anchor?.isConnected ? anchor.getBoundingClientRect().top - before : 0
    })
    jumps.push(Math.abs(moved))
    await reader.page.mouse.wheel(0, -500)
    await reader.page.waitForTimeout(250)
  }
  expect(Math.max(...jumps)).toBeLessThan(4)
})
