import { type Conversation, newId, type SignedIn } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../src/ask.ts'
import { openAs, type PersonAtBrowser, password } from '../src/person-at-browser.ts'
import { callApi, logInByApi, registerByApi } from '../src/prepare-by-api.ts'
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

test('in a group of 130 everyone has their name, also who left and who is on the other side of a block', async () => {
  const { url } = product
  const owner = await logInByApi(url, 'writer')
  const { user: me, accessToken: mine } = await logInByApi(url, 'reader')
  const others: SignedIn[] = []
  for (let start = 0; start < 128; start += 8) {
    const names = Array.from({ length: 8 }, (_, i) => start + i)
    const joined = names.map((i) => registerByApi(url, `member.${i}`, `Member No ${i}`))
    others.push(...(await Promise.all(joined)))
  }
  const { accessToken: token } = owner
  const userIds = [me.id, ...others.map(({ user }) => user.id)]
  const body = { kind: 'group', title: 'Village', userIds }
  const { id, participants } = await callApi<Conversation>(url, '/v1/conversations', { token, body })
  const shown = new Set(participants.map(({ userId }) => userId))
  const [last, left, blocked] = others.filter(({ user }) => !shown.has(user.id)).slice(-3)
  if (!last || !left || !blocked) throw new Error('The group is too small')
  const say = (who: SignedIn, text: string) =>
    callApi(url, `/v1/conversations/${id}/messages`, { token: who.accessToken, body: { id: newId(), text } })
  await ask(url, `PUT /v1/users/me/blocks/${blocked.user.id}`, { token: mine })

  const { page } = reader
  await page.goto(url)
  const row = page.getByTestId(`conversation-row-${id}`)
  const rowSays = (text: string) => row.getByText(text).waitFor()
  await say(last, `hello from @${left.user.username}`)
  await rowSays(`${last.user.displayName}: hello from`)
  await say(blocked, 'and from me')
  await rowSays(`${blocked.user.displayName}: and from me`)
  const path = `DELETE /v1/conversations/${id}/participants/${left.user.id}`
  await ask(url, path, { token: left.accessToken })
  await rowSays(`${left.user.displayName} left`)
  await ask(url, `DELETE /v1/conversations/${id}/participants/${last.user.id}`, { token })
  await rowSays(`Writer removed ${last.user.displayName}`)

  for (const restart of [() => row.click(), () => page.reload()]) {
    await restart()
    await reader.bubble('hello from').getByText(last.user.displayName, { exact: true }).waitFor()
    await reader.bubble('and from me').getByText(blocked.user.displayName, { exact: true }).waitFor()
    // A mention is set off as a piece of its own.
    await reader.bubble('hello from').getByText(`@${left.user.username}`, { exact: true }).waitFor()
    expect(
      await page
        .getByTestId('message-list')
        .getByText(/Deleted account|Someone/)
        .count(),
    ).toBe(0)
  }

  await ask(url, 'DELETE /v1/users/me', { token: blocked.accessToken, body: { password } })
  await reader.bubble('and from me').getByText('Deleted account', { exact: true }).waitFor()
})
