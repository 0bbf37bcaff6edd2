import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'

export const password = 'a long walk by the sea'

/** Someone at a browser of their own: what they do, in their words. */
export interface PersonAtBrowser {
  page: Page
  context: BrowserContext
  username: string
  register(): Promise<void>
  logIn(): Promise<void>
  startDirectChat(username: string): Promise<void>
  openChat(title: string): Promise<void>
  say(text: string): Promise<void>
  /** The bubble that shows `text`. */
  bubble(text: string): Locator
  /** Texts of the bubbles on screen, top to bottom. */
  visibleTexts(): Promise<string[]>
  /** Of messages such as "number 12" that are in sight, the numbers. */
  visibleNumbers(): Promise<number[]>
  /** Turns the wheel over the messages, by so many pixels. */
  scroll(by: number): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface PersonOptions extends BrowserContextOptions {
  username: string
  displayName: string
}

/** Opens the app in a fresh browser profile. An error on the page's console fails the journey. */
export async function openAs(
  browser: Pick<Browser, 'newContext'>,
  url: string,
  { username, displayName, ...options }: PersonOptions,
): Promise<PersonAtBrowser> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const crashes: Error[] = []
  page.on('pageerror', (error) => crashes.push(error))
  await page.goto(url)

  const byId = (id: string) => page.getByTestId(id)
  return {
    page,
    context,
    username,
    async register() {
      await page.goto(`${url}/register`)
      await byId('auth-username').fill(username)
      await byId('auth-display-name').fill(displayName)
      await byId('auth-password').fill(password)
      await byId('auth-submit').click()
      await byId('new-chat').waitFor()
    },
    async logIn() {
      await page.goto(`${url}/login`)
      await byId('auth-username').fill(username)
      await byId('auth-password').fill(password)
      await byId('auth-submit').click()
      await byId('new-chat').waitFor()
    },
    async startDirectChat(other) {
      await byId('new-chat').click()
      await byId('people-search').fill(other)
      await byId(`person-${other}`).click()
      await byId('composer-input').waitFor()
    },
    async openChat(title) {
      await byId('conversation-list').getByText(title, { exact: true }).first().click()
      await byId('composer-input').waitFor()
    },
    async say(text) {
      await byId('composer-input').fill(text)
      await byId('composer-input').press('Enter')
    },
    bubble: (text) =>
      byId('message-list').locator('[data-testid^="message-"][data-state]').filter({ hasText: text }).last(),
    async visibleTexts() {
      return byId('message-list').getByTestId('message-text').allInnerTexts()
    },
    visibleNumbers: () => byId('message-list').evaluate(numbersInSight),
    async scroll(by) {
      await byId('message-list').hover()
      await page.mouse.wheel(0, by)
      await page.waitForTimeout(60)
    },
    async [Symbol.asyncDispose]() {
      await context.close()
      if (crashes.length > 0) throw new AggregateError(crashes, `The page of ${username} crashed`)
    },
  }
}

/** Runs in the page. */
function numbersInSight(list: Element): number[] {
  const box = list.getBoundingClientRect()
  return [...list.querySelectorAll('[data-testid="message-text"]')].flatMap((text) => {
    const { top, bottom } = text.getBoundingClientRect()
    const number = /number (\d+)/.exec(text.textContent ?? '')?.[1]
    return number !== undefined && bottom > box.top && top < box.bottom ? [Number(number)] : []
  })
}
