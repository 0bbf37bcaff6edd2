import { type Conversation, type ConversationMe, newId, type SignedIn } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../src/ask.ts'
import { openAs, type PersonAtBrowser, type PersonOptions, password } from '../src/person-at-browser.ts'
import { callApi, logInByApi, registerByApi } from '../src/prepare-by-api.ts'
import { type Product, startProduct } from '../src/start-product.ts'

const count = 500
let product: Product
let writer: SignedIn
let reader: PersonAtBrowser
let readerToken = ''
let long = ''

const call = <T>(path: string, token: string, body?: unknown) =>
  callApi<T>(product.url, path, body === undefined ? { token } : { token, body })

async function say(conversationId: string, from: number, to: number): Promise<void> {
  for (let start = from; start <= to; start += 100) {
    const messages = Array.from({ length: Math.min(100, to - start + 1) }, (_, index) => ({
      conversationId,
      id: newId(),
      text: `number ${start + index}`,
    }))
    await call('/v1/messages', writer.accessToken, { messages })
  }
}

const newGroup = (title: string, userIds: string[]) =>
  call<{ id: string }>('/v1/conversations', writer.accessToken, { kind: 'group', title, userIds })

/** A browser that has nothing of this account yet. */
async function newDevice(options: Omit<PersonOptions, 'username' | 'displayName'> = {}) {
  const person = { username: 'reader', displayName: 'Reader', ...options }
  const device = await openAs(product.browser, product.url, person)
  await device.logIn()
  return device
}

const meIn = async (conversationId: string) =>
  (await call<{ me: ConversationMe }>(`/v1/conversations/${conversationId}`, readerToken)).me

const phone = { viewport: { width: 390, height: 844 } }

beforeAll(async () => {
  product = await startProduct()
  writer = await registerByApi(product.url, 'writer', 'Writer')
  const person = await registerByApi(product.url, 'reader', 'Reader')
  readerToken = person.accessToken
  const body = { kind: 'direct', userId: person.user.id }
  long = (await call<{ id: string }>('/v1/conversations', writer.accessToken, body)).id
  await say(long, 1, count)
  reader = await newDevice()
  await reader.openChat('Writer')
})
afterAll(async () => {
  await reader?.[Symbol.asyncDispose]()
  await product?.[Symbol.asyncDispose]()
})

test('a chat with 500 unread messages opens at the first, and only what is scrolled by counts as read', async () => {
  await reader.page.getByText('New messages', { exact: true }).waitFor()
  expect((await reader.visibleNumbers())[0]).toBe(1)
  await expect.poll(async () => (await meIn(long)).lastReadSeq).toBeGreaterThan(5)
  expect((await meIn(long)).lastReadSeq).toBeLessThan(40)
  // The End key goes to the end of what is loaded: a jump, too.
  await reader.page.getByTestId('message-list').press('End')
  await expect.poll(async () => Math.min(...(await reader.visibleNumbers()))).toBeGreaterThan(30)
  await reader.page.waitForTimeout(700)
  expect((await meIn(long)).lastReadSeq).toBeLessThan(30)
  await reader.page.getByTestId('jump-to-bottom').click()
  await reader.bubble('number 500').waitFor()
  await reader.page.waitForTimeout(700)
  expect((await meIn(long)).lastReadSeq).toBeLessThan(40)
  // What is above is said by number, aloud too, and nothing lies over it.
  const above = reader.page.getByTestId('jump-to-unread')
  await expect.poll(() => above.innerText()).toMatch(/^4\d\d new messages above$/)
  await expect.poll(() => reader.page.locator('.announcer').innerText()).toMatch(/\d new messages above$/)
  await reader.scroll(-300)
  const [bar, day] = [await above.boundingBox(), await reader.page.getByTestId('floating-day').boundingBox()]
  expect(day?.y).toBeGreaterThanOrEqual((bar?.y ?? 0) + (bar?.height ?? 0))
})

test('scrolling back through 500 messages shows each in its place, without a jump', async () => {
  const seen = new Set<number>()
  const deadline = Date.now() + 90_000
  while (!seen.has(1) && Date.now() < deadline) {
    const numbers = (await reader.visibleTexts()).map((text) => Number(text.split(' ')[1]))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    for (const number of numbers) seen.add(number)
    await reader.scroll(-600)
  }
  expect([...seen].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
  await expect.poll(async () => (await meIn(long)).unreadCount).toBe(0)
})

test('what is being read stays where it is while older messages arrive', async () => {
  await reader.page.reload()
  await reader.page.getByTestId('composer-input').waitFor()
  await reader.bubble('number 500').waitFor()
  const jumps: number[] = []
  await reader.page.getByTestId('message-list').hover()
  for (let step = 0; step < 34; step += 1) {
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
    await reader.page.mouse.wheel(0, -900)
    await reader.page.waitForTimeout(150)
  }
  expect(Math.max(...jumps)).toBeLessThan(4)
})

test('a text typed offline replaces no newer one of another device, and nobody’s open field', async () => {
  await using other = await newDevice()
  await other.openChat('Writer')
  const fieldOf = ({ page }: PersonAtBrowser) => page.getByTestId('composer-input')
  const kept = async () => (await meIn(long)).draft
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

  // What was typed in an open field gave way to a newer draft: it is offered when the chat is
  // opened again.
  await fieldOf(reader).fill('mine')
  await expect.poll(kept, { timeout: 10_000 }).toBe('mine')
  const draft = { token: readerToken, body: { draft: 'from elsewhere' } }
  await ask(product.url, `PATCH /v1/conversations/${long}/me`, draft)
  const strip = reader.page.getByTestId('superseded-strip')
  await expect.poll(async () => (await meIn(long)).draft).toBe('from elsewhere')
  await reader.page.waitForTimeout(500)
  expect(await strip.count()).toBe(0)
  await reader.page.reload()
  await strip.getByText('mine', { exact: true }).waitFor()
  expect(await fieldOf(reader).inputValue()).toBe('from elsewhere')
  await strip.getByTestId('superseded-put-back').click()
  await strip.waitFor({ state: 'detached' })
  expect(await fieldOf(reader).inputValue()).toBe('from elsewhere\nmine')
  await fieldOf(reader).fill('')
})

test.each([
  ['wide', {}],
  ['phone', phone],
])(
  'on a new device over a slow network a chat opens at its first unread message (%s)',
  async (width, options) => {
    const title = `Slow ${width}`
    const group = await newGroup(title, [(await logInByApi(product.url, 'reader')).user.id])
    await say(group.id, 1, 40)
    await call(`/v1/conversations/${group.id}/read`, readerToken, { seq: 40 })
    await say(group.id, 41, 120)
    await using device = await newDevice(options)
    const network = await device.context.newCDPSession(device.page)
    await network.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 900,
      downloadThroughput: 30_000,
      uploadThroughput: 30_000,
    })
    await device.openChat(title)
    await device.bubble('number 41').waitFor()
    await device.page.getByText('New messages', { exact: true }).waitFor()
    await device.page.waitForTimeout(1_500)
    const seen = await device.visibleNumbers()
    expect(seen).toContain(41)
    expect(seen).not.toContain(120)
    const { lastReadSeq } = await meIn(group.id)
    expect(lastReadSeq).toBeGreaterThan(41)
    expect(lastReadSeq).toBeLessThanOrEqual(Math.max(...seen))
    while (!(await device.visibleNumbers()).includes(120)) await device.scroll(400)
    await expect.poll(async () => (await meIn(group.id)).unreadCount).toBe(0)
  },
)

test.each([
  ['wide', {}],
  ['phone', phone],
])(
  'a chat that was left in the middle opens there again, and says what is new below (%s)',
  async (width, options) => {
    const title = `Left ${width}`
    const group = await newGroup(title, [(await logInByApi(product.url, 'reader')).user.id])
    await say(group.id, 1, 150)
    await call(`/v1/conversations/${group.id}/read`, readerToken, { seq: 150 })
    await using device = await newDevice(options)
    const leave = async () => {
      if (width === 'phone') await device.page.getByRole('button', { name: 'Back' }).click()
      else await device.openChat('Writer')
    }
    await device.openChat(title)
    await device.bubble('number 150').waitFor()
    while (!(await device.visibleNumbers()).includes(80)) await device.scroll(-300)
    await device.page.waitForTimeout(500)
    const before = await device.visibleNumbers()
    await leave()
    await say(group.id, 151, 153)
    await device.openChat(title)
    await expect.poll(() => device.visibleNumbers()).toEqual(before)
    await device.page.getByRole('button', { name: 'Jump to 3 new messages' }).waitFor()
    expect((await meIn(group.id)).unreadCount).toBe(3)

    while (!(await device.visibleNumbers()).includes(153)) await device.scroll(600)
    await expect.poll(async () => (await meIn(group.id)).unreadCount).toBe(0)
    await leave()
    await device.openChat(title)
    await device.bubble('number 153').waitFor()
    await expect.poll(async () => (await device.visibleNumbers()).includes(153)).toBe(true)
  },
)

test('what comes while nobody looks is not read: the tab is hidden, and the window has no focus', async () => {
  const group = await newGroup('Unwatched', [(await logInByApi(product.url, 'reader')).user.id])
  await say(group.id, 1, 3)
  await using device = await newDevice()
  await device.openChat('Unwatched')
  await expect.poll(async () => (await meIn(group.id)).unreadCount).toBe(0)
  for (const [from, to, property] of [
    [4, 60, 'hasFocus'],
    [61, 120, 'visibilityState'],
  ] as const) {
    await device.page.evaluate((name) => {
      const value = name === 'hasFocus' ? () => false : 'hidden'
      Object.defineProperty(document, name, { configurable: true, value })
      window.dispatchEvent(new Event('blur'))
      document.dispatchEvent(new Event('visibilitychange'))
    }, property)
    const { lastReadSeq: before } = await meIn(group.id)
    await say(group.id, from, to)
    await device.page.waitForTimeout(1_000)
    expect((await meIn(group.id)).lastReadSeq).toBe(before)
    await device.page.evaluate((name) => {
      Reflect.deleteProperty(document, name)
      window.dispatchEvent(new Event('focus'))
      document.dispatchEvent(new Event('visibilitychange'))
    }, property)
    await device.page.waitForTimeout(1_000)
    const { lastReadSeq } = await meIn(group.id)
    expect(lastReadSeq).toBeLessThanOrEqual(Math.max(before, ...(await device.visibleNumbers())))
    expect((await meIn(group.id)).unreadCount).toBeGreaterThan(10)
  }
  await device.page.getByTestId('jump-to-unread').click()
  await device.page.waitForTimeout(300)
  while (!(await device.visibleNumbers()).includes(120)) await device.scroll(500)
  await expect.poll(async () => (await meIn(group.id)).unreadCount).toBe(0)
})

test('a message of my own leads to the end, and what was passed over stays unread until I say otherwise', async () => {
  const group = await newGroup('Answered', [(await logInByApi(product.url, 'reader')).user.id])
  await say(group.id, 1, 90)
  await using device = await newDevice(phone)
  await device.openChat('Answered')
  await device.bubble('number 1').waitFor()
  await device.say('An answer to all that')
  await device.bubble('An answer to all that').waitFor()
  await device.page.waitForTimeout(1_000)
  expect((await meIn(group.id)).lastReadSeq).toBeLessThan(40)
  await device.page.getByTestId('mark-read').click()
  await expect.poll(async () => (await meIn(group.id)).unreadCount).toBe(0)
  await device.page.getByTestId('jump-to-unread').waitFor({ state: 'detached' })
})

test('people who come and go leave no badge, and no line of new messages', async () => {
  const { user } = await logInByApi(product.url, 'reader')
  const group = await newGroup('Comings', [user.id])
  for (const name of ['guest.one', 'guest.two']) {
    const guest = await registerByApi(product.url, name, name)
    await call(`/v1/conversations/${group.id}/participants`, writer.accessToken, { userIds: [guest.user.id] })
  }
  await using device = await newDevice()
  const row = device.page.getByTestId(`conversation-row-${group.id}`)
  await row.waitFor()
  expect(await row.getByLabel(/unread/i).count()).toBe(0)
  await say(group.id, 1, 1)
  await expect.poll(() => row.getByLabel(/unread/i).count()).toBe(1)
  await device.openChat('Comings')
  const list = device.page.getByTestId('message-list')
  await list.getByText('New messages', { exact: true }).waitFor()
  const lines = (await list.innerText()).split('\n')
  expect(lines.indexOf('New messages')).toBeGreaterThan(lines.findIndex((line) => line.includes('guest.two')))
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
  const [unseen, last, left, blocked] = others.filter(({ user }) => !shown.has(user.id)).slice(-4)
  if (!unseen || !last || !left || !blocked) throw new Error('The group is too small')
  const speak = (who: SignedIn, text: string) =>
    callApi(url, `/v1/conversations/${id}/messages`, { token: who.accessToken, body: { id: newId(), text } })
  await ask(url, `PUT /v1/users/me/blocks/${blocked.user.id}`, { token: mine })

  const { page } = reader
  await page.goto(url)
  const row = page.getByTestId(`conversation-row-${id}`)
  const rowSays = (text: string) => row.getByText(text).waitFor()
  await speak(last, `hello from @${left.user.username}`)
  await rowSays(`${last.user.displayName}: hello from`)
  await speak(blocked, 'and from me')
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

  // The list of members is asked for again with the network back, though the first request hangs.
  let asked = 0
  await page.route('**/participants?limit=100', (route) => {
    asked += 1
    return asked === 1 ? undefined : route.continue()
  })
  await page.goto(`${page.url()}/details`)
  await expect.poll(() => asked).toBe(1)
  await reader.context.setOffline(true)
  await page.getByTestId('offline-banner').waitFor()
  await reader.context.setOffline(false)
  await page.getByText(unseen.user.displayName, { exact: true }).waitFor()

  await ask(url, 'DELETE /v1/users/me', { token: blocked.accessToken, body: { password } })
  await reader.bubble('and from me').getByText('Deleted account', { exact: true }).waitFor()
})
