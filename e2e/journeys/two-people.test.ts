import { type Conversation, newId } from '@finnigram/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../src/ask.ts'
import { openAs, type PersonAtBrowser } from '../src/person-at-browser.ts'
import { callApi, logInByApi } from '../src/prepare-by-api.ts'
import { browserWithoutCookies } from '../src/start-browser.ts'
import { type Product, startProduct } from '../src/start-product.ts'

const throwing = (...names: string[]) =>
  `for (const owner of [window, Navigator.prototype]) for (const name of ${JSON.stringify(names)}) if (name in owner)
    Object.defineProperty(owner, name, { get() { throw new DOMException('denied', 'SecurityError') } })`

/** Ways in which browsers refuse, as scripts that run before the app. */
const refusals = [
  throwing('localStorage', 'sessionStorage', 'caches'),
  throwing('indexedDB'),
  `${throwing('locks', 'serviceWorker', 'clipboard', 'BroadcastChannel', 'Notification')}
    window.matchMedia = undefined`,
  `for (const [owner, name] of [[Storage, 'setItem'], [IDBObjectStore, 'put']])
    owner.prototype[name] = () => { throw new DOMException('full', 'QuotaExceededError') }`,
]

describe('two people', () => {
  let product: Product
  let ada: PersonAtBrowser
  let grace: PersonAtBrowser

  beforeAll(async () => {
    product = await startProduct()
    ada = await openAs(product.browser, product.url, { username: 'ada.l', displayName: 'Ada L' })
    grace = await openAs(product.browser, product.url, {
      username: 'grace.h',
      displayName: 'Grace H',
      viewport: { width: 390, height: 844 },
    })
  })
  afterAll(async () => {
    await ada?.[Symbol.asyncDispose]()
    await grace?.[Symbol.asyncDispose]()
    await product?.[Symbol.asyncDispose]()
  })

  test('register, find each other and talk both ways', async () => {
    await Promise.all([ada.register(), grace.register()])
    await ada.startDirectChat('grace.h')
    await ada.say('Hello Grace')
    await grace.openChat('Ada L')
    await grace.bubble('Hello Grace').waitFor()
    await grace.say('Hello Ada, good to see you')
    await ada.bubble('good to see you').waitFor()
    expect(await ada.visibleTexts()).toEqual(['Hello Grace', 'Hello Ada, good to see you'])
    expect(await grace.visibleTexts()).toEqual(['Hello Grace', 'Hello Ada, good to see you'])
  })

  test('see each other typing, and the message read', async () => {
    await grace.page.getByTestId('composer-input').pressSequentially('Let me think', { delay: 30 })
    await ada.page.getByTestId('typing-indicator').first().waitFor()
    await grace.page.getByTestId('composer-input').press('Enter')
    await ada.bubble('Let me think').waitFor()
    await ada.say('Take your time')
    await expect.poll(() => ada.bubble('Take your time').getAttribute('data-state')).toBe('read')
  })

  test('a reload keeps the session, the chat and the half-written message', async () => {
    await ada.page.getByTestId('composer-input').fill('Half a thou')
    await ada.page.waitForTimeout(600)
    await ada.page.reload()
    await ada.bubble('Take your time').waitFor()
    expect(await ada.page.getByTestId('composer-input').inputValue()).toBe('Half a thou')
    await ada.page.getByTestId('composer-input').fill('')
  })

  test('messages written offline go out once, in order, when the network returns', async () => {
    await ada.context.setOffline(true)
    await ada.page.getByTestId('offline-banner').waitFor()
    for (const text of ['offline one', 'offline two', 'offline three']) await ada.say(text)
    await expect.poll(() => ada.bubble('offline three').getAttribute('data-state')).toBe('waiting')
    await ada.context.setOffline(false)
    await grace.bubble('offline three').waitFor()
    await expect.poll(() => ada.bubble('offline three').getAttribute('data-state')).not.toBe('waiting')
    const expected = ['offline one', 'offline two', 'offline three']
    expect((await grace.visibleTexts()).slice(-3)).toEqual(expected)
    expect((await grace.visibleTexts()).filter((text) => text.startsWith('offline'))).toEqual(expected)
    expect((await ada.visibleTexts()).filter((text) => text.startsWith('offline'))).toEqual(expected)
  })

  test('what was queued survives a reload while offline is over', async () => {
    await ada.context.setOffline(true)
    await ada.page.getByTestId('offline-banner').waitFor()
    await ada.say('written before the tab died')
    await expect.poll(() => ada.bubble('before the tab died').getAttribute('data-state')).toBe('waiting')
    await ada.page.close()
    await ada.context.setOffline(false)
    ada.page = await ada.context.newPage()
    await ada.page.goto(product.url)
    await grace.bubble('written before the tab died').waitFor()
    const texts = await grace.visibleTexts()
    expect(texts.filter((text) => text === 'written before the tab died')).toHaveLength(1)
  })

  test('where all cookies are blocked the app works while it is open, and says that it keeps nothing', async () => {
    const person = { username: 'alan.t', displayName: 'Alan T' }
    await using alan = await openAs(browserWithoutCookies, product.url, person)
    const page = alan.page
    expect(await page.evaluate(() => Reflect.get(window, 'localStorage')).catch(() => 'blocked')).toBe(
      'blocked',
    )
    await page.getByTestId('storage-words').getByText('This device keeps nothing').waitFor()
    await alan.register()
    await alan.startDirectChat('grace.h')
    await alan.say('Nothing of this stays here')
    await expect.poll(() => alan.bubble('Nothing of this').getAttribute('data-state')).toBe('sent')
    await page.getByTestId('profile').click()
    await page.getByTestId('storage-words').waitFor()
    await page.getByTestId('log-out').click()
    await page.getByTestId('log-out-confirm').click()
    await page.getByTestId('auth-username').waitFor()
  })

  test('a browser that refuses storage, locks or room on its disk shows the app, and signs in', async () => {
    const signIn = async (script: string) => {
      const person = { username: 'ada.l', displayName: 'Ada L' }
      await using refused = await openAs(product.browser, product.url, person)
      await refused.context.addInitScript(script)
      await refused.logIn()
      await refused.page.getByTestId('profile').click()
      await refused.page.getByTestId('log-out').waitFor()
    }
    await Promise.all(refusals.map(signIn))
  })

  test('a new name stands in the open chat, the list and the title at once, and after a restart', async () => {
    const { url } = product
    const { user, accessToken: token } = await logInByApi(url, 'ada.l')
    const other = await logInByApi(url, 'grace.h')
    const body = { kind: 'group', title: 'Walk', userIds: [other.user.id] }
    const { id } = await callApi<Conversation>(url, '/v1/conversations', { token, body })
    const message = { id: newId(), text: 'To the sea?' }
    await callApi(url, `/v1/conversations/${id}/messages`, { token, body: message })
    const rename = (displayName: string) => ask(url, 'PATCH /v1/users/me', { token, body: { displayName } })
    const shows = async (name: string) => {
      await grace.bubble('To the sea?').getByText(name, { exact: true }).waitFor()
      await grace.page.goto(url)
      await row.getByText(`${name}: `).waitFor()
      await grace.page.getByTestId('conversation-list').getByText(name, { exact: true }).first().waitFor()
      await row.click()
    }
    const row = grace.page.getByTestId(`conversation-row-${id}`)
    await grace.page.goto(`${url}/c/${id}`)
    await grace.bubble('To the sea?').getByText(user.displayName, { exact: true }).waitFor()

    await rename('Ada King')
    await shows('Ada King')
    // What the device keeps must say it, too: the conversation there was stored under the old name.
    await grace.page.route('**/v1/**', (route) => route.abort())
    await grace.page.reload()
    await shows('Ada King')
    await rename('Ada Byron')
    await grace.page.unroute('**/v1/**')
    await grace.page.goto('about:blank')
    await rename('Countess')
    await grace.page.goto(`${url}/c/${id}`)
    await shows('Countess')
  })

  test('a page opens sockets to its own server alone, under whatever name that is reached', async () => {
    const { port } = new URL(product.url)
    for (const host of ['localhost', '127.0.0.1', 'chat.localhost']) {
      const page = await ada.context.newPage()
      await page.goto(`http://${host}:${port}`)
      const blocked = (address: string) =>
        page.evaluate(
          (url) =>
            new Promise<boolean>((resolve) => {
              document.addEventListener('securitypolicyviolation', () => resolve(true), { once: true })
              const socket = new WebSocket(url)
              socket.onopen = () => resolve(false)
            }),
          address,
        )
      const path = '/socket.io/?EIO=4&transport=websocket'
      expect([host, await blocked(`ws://${host}:${port}${path}`)]).toEqual([host, false])
      expect([host, await blocked('ws://elsewhere.localhost:1/')]).toEqual([host, true])
      expect([host, await blocked(`ws://${host}:1/`)]).toEqual([host, true])
      await page.close()
    }
  })
})
