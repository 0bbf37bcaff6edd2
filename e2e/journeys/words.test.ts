import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openAs, type PersonAtBrowser } from '../src/person-at-browser.ts'
import { registerByApi } from '../src/prepare-by-api.ts'
import { type Product, startProduct } from '../src/start-product.ts'

describe('what people write', () => {
  let product: Product
  let ada: PersonAtBrowser
  let grace: PersonAtBrowser

  beforeAll(async () => {
    product = await startProduct()
    const onPhone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
    ada = await openAs(product.browser, product.url.replace(/\/\/[^:/]+/, '//chat.test'), {
      username: 'ada.l',
      displayName: 'علی‌رضا 1️⃣',
      ...onPhone,
    })
    grace = await openAs(product.browser, product.url, {
      username: 'grace.h',
      displayName: 'Grace',
      ...onPhone,
    })
    await Promise.all([ada.register(), grace.register()])
    await ada.startDirectChat('grace.h')
  })
  afterAll(async () => {
    await ada?.[Symbol.asyncDispose]()
    await grace?.[Symbol.asyncDispose]()
    await product?.[Symbol.asyncDispose]()
  })

  /** On a phone the Enter key begins a new line. */
  const say = async (text: string) => {
    await ada.page.getByTestId('composer-input').fill(text)
    await ada.page.getByTestId('composer-send').tap()
  }

  test('the output of a terminal goes out without what steers terminals', async () => {
    await say('\u001b[31merror\u001b[0m: no such file\u0007')
    await grace.openChat('علی‌رضا 1️⃣')
    await grace.bubble('error').waitFor()
    expect(await grace.visibleTexts()).toEqual(['[31merror[0m: no such file'])
    await expect.poll(() => ada.bubble('error').getAttribute('data-state')).toMatch(/sent|delivered|read/)
  })

  test('a text that is refused says why, and goes back to be edited', async () => {
    const field = ada.page.getByTestId('composer-input')
    const piled = `oh${'\u0336\u0347'.repeat(20)}`
    await say(piled)
    const reason = ada.page.locator('[data-testid^="failed-"]')
    await reason.waitFor()
    expect(await reason.innerText()).toBe('Not sent: it piles up too many accents on one letter.')
    await field.fill('begun meanwhile')
    await ada.page.locator('[data-testid^="edit-"]').click()
    await expect.poll(() => field.inputValue()).toBe(`begun meanwhile\n${piled}`)
    await reason.waitFor({ state: 'detached' })
    await field.fill('')
  })

  test('a text that is too long for one message says so, and goes out in two', async () => {
    const long = `${'word '.repeat(1700)}the very end`
    await ada.page.getByTestId('composer-input').fill(long)
    expect(await ada.page.getByTestId('composer-parts').innerText()).toBe('Goes out in 2 messages')
    await say(long)
    await grace.bubble('the very end').waitFor()
  })

  test('a text of 1,500 lines is folded, and unfolds', async () => {
    await say(`${'line\n'.repeat(1499)}the last one`)
    const bubble = grace.bubble('line')
    await bubble.getByText('Show more').waitFor()
    const folded = (await bubble.boundingBox())?.height ?? 0
    expect(folded).toBeLessThan(1000)
    await bubble.getByText('Show more').click()
    await grace.bubble('the last one').waitFor()
    expect((await bubble.boundingBox())?.height).toBeGreaterThan(10_000)
  })

  test('a text that turns directions around leaves its time beside it', async () => {
    await say('\u202Eabc def')
    const bubble = grace.bubble('abc def')
    await bubble.waitFor()
    const [text, meta] = await bubble.evaluate((node) => {
      const words = node.querySelector('[data-testid="message-text"]')
      const range = document.createRange()
      range.selectNodeContents(words?.firstChild ?? node)
      const clock = [...node.querySelectorAll('[aria-hidden="true"]')].at(-1)
      return [range.getBoundingClientRect(), clock?.getBoundingClientRect()].map(
        (box) => box?.toJSON() as DOMRect,
      )
    })
    expect(text?.right).toBeLessThanOrEqual(meta?.left ?? 0)
  })

  test('a text is copied over plain http, too, and that is said', async () => {
    expect(await ada.page.evaluate(() => window.isSecureContext)).toBe(false)
    await say('copy me')
    await ada.bubble('copy me').tap()
    await ada.page.getByRole('menuitem', { name: 'Copy text' }).click()
    await ada.page.getByRole('menuitem', { name: 'Copied' }).waitFor()
    await ada.page.getByRole('menu').waitFor({ state: 'detached' })
    await ada.page.getByTestId('composer-input').press('Control+V')
    expect(await ada.page.getByTestId('composer-input').inputValue()).toBe('copy me')
    await ada.page.getByTestId('composer-input').fill('')
  })

  test('a person whose chat cannot be started: it says why, and what was typed stays', async () => {
    const { browser, url } = product
    await registerByApi(url, 'linus.t', 'Linus T')
    await using alan = await openAs(browser, url, { username: 'alan.t', displayName: 'Alan' })
    await alan.register()
    const answerWith = (status: number, code: string) =>
      alan.page.route(
        '**/v1/conversations',
        (route) =>
          route.request().method() === 'POST' ? route.fulfill(problem(status, code)) : route.continue(),
        { times: 1 },
      )
    const at = (id: string) => alan.page.getByTestId(id)
    await alan.page.keyboard.press('Control+k')
    await at('find').fill('linus')
    for (const [status, code, words] of refusals) {
      await answerWith(status, code)
      await at('person-linus.t').click()
      await alan.page.getByRole('alert').getByText(words).waitFor()
      expect(await at('find').inputValue()).toBe('linus')
    }
    // Who closes the sheet before the chat is made is not taken to it.
    let answer = () => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    await alan.page.route('**/v1/conversations', async (route) => {
      if (route.request().method() === 'POST') await answered
      await route.continue()
    })
    const made = alan.page.waitForResponse((response) => response.request().method() === 'POST')
    await at('person-linus.t').click()
    await alan.page.keyboard.press('Escape')
    answer()
    await made
    const row = alan.page.locator('[data-testid^="conversation-row-"]')
    await row.waitFor()
    await alan.page.waitForTimeout(300)
    expect(await at('composer-input').count()).toBe(0)
    expect(await alan.page.getByRole('dialog').count()).toBe(0)

    await alan.page.keyboard.press('Control+k')
    await at('find').fill('linus')
    await alan.page.getByRole('dialog').getByText('Linus T').click()
    await at('composer-input').waitFor()
    await expect.poll(() => alan.page.getByRole('dialog').count()).toBe(0)
  })

  test('people who cannot be looked for are not said not to be there', async () => {
    await ada.page.goto(product.url.replace(/\/\/[^:/]+/, '//chat.test'))
    await ada.page.route('**/v1/users?*', (route) => route.fulfill(problem(503, 'unavailable')))
    await ada.page.getByLabel('Find chats and people').first().fill('linus')
    await ada.page.getByRole('alert').getByText('The server is busy right now.').waitFor()
    await ada.page.unroute('**/v1/users?*')
  })
})

const refusals: [status: number, code: string, words: string][] = [
  [503, 'unavailable', 'The server is busy right now. Try again in a moment.'],
  [404, 'not_found', 'You cannot start a chat with this person. Look for them again.'],
  [429, 'rate_limited', 'Too many tries. Wait a moment, then try again.'],
  [500, 'internal', 'That did not work. Try again.'],
]

const problem = (status: number, code: string) => ({
  status,
  contentType: 'application/problem+json',
  json: { type: `/problems/${code}`, title: code, status, code, requestId: 'test' },
})
