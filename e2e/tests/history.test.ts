import { newId } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAs, type PersonAtBrowser } from '../src/person-at-browser.ts'
import { callApi, registerByApi } from '../src/prepare-by-api.ts'
import { type Product, startProduct } from '../src/start-product.ts'

const count = 500
let product: Product
let reader: PersonAtBrowser
let chatId: string
let token: string

beforeAll(async () => {
  product = await startProduct()
  const writer = await registerByApi(product.url, 'writer', 'Writer')
  const person = await registerByApi(product.url, 'reader', 'Reader')
  const body = { kind: 'direct', userId: person.user.id }
  const { id } = await callApi<{ id: string }>(product.url, '/v1/conversations', {
    token: writer.accessToken,
    body,
  })
  chatId = id
  token = person.accessToken
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

test('a text typed offline replaces no newer one of another device, and nobody’s open field', async () => {
  await using other = await openAs(product.browser, product.url, {
    username: 'reader',
    displayName: 'Reader',
  })
  await other.logIn()
  await other.openChat('Writer')
  const fieldOf = ({ page }: PersonAtBrowser) => page.getByTestId('composer-input')
  const kept = async () => {
    const path = `/v1/conversations/${chatId}`
    const { me } = await callApi<{ me: { draft: string | null } }>(product.url, path, { token })
    return me.draft
  }
  await reader.context.setOffline(true)
  await reader.page.getByTestId('offline-banner').waitFor()
  await fieldOf(reader).fill('short')
  await fieldOf(other).fill('a longer text, typed later')
  await expect.poll(kept, { timeout: 10_000 }).toBe('a longer text, typed later')
  const told = reader.page.waitForResponse((response) => response.request().method() === 'PATCH')
  await reader.context.setOffline(false)
  await told
  expect(await kept()).toBe('a longer text, typed later')
  expect(await fieldOf(other).inputValue()).toBe('a longer text, typed later')
  expect(await fieldOf(reader).inputValue()).toBe('short')

  // What is sent was typed here; the newer text is not taken out, and comes into the field.
  await fieldOf(reader).press('Enter')
  await reader.bubble('short').waitFor()
  await expect.poll(() => fieldOf(reader).inputValue()).toBe('a longer text, typed later')
  await fieldOf(other).press('Enter')
  await expect.poll(() => fieldOf(reader).inputValue(), { timeout: 10_000 }).toBe('')
})
