import type { Invite } from '@finnigram/contracts'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMailbox } from '../authorization/environment/mailbox.ts'
import { done, type Person } from '../authorization/environment/person.ts'
import { openAs, type PersonAtBrowser, password } from '../src/person-at-browser.ts'
import { callApi, logInByApi } from '../src/prepare-by-api.ts'
import { type Product, startProduct } from '../src/start-product.ts'
import { totpCode } from '../src/totp-code.ts'

type Sessions = { items: { device: { platform: string } | null }[] }

describe('my account', () => {
  let product: Product
  let ada: PersonAtBrowser
  const [email, withdrawn, next] = ['ada@sea.example', 'ada@shore.example', 'jürgen@müller.example']
  const byId = (id: string) => ada.page.getByTestId(id)
  const prove = async (address: string) => {
    const mailbox = createMailbox(product.stack.dataDirectory, product.url)
    const token = await mailbox.verificationOf({ email: address } as Person)
    await done(product.url, 'POST /v1/auth/email/verify', { body: { token } })
  }

  const logOut = async () => {
    await ada.page.goto(`${product.url}/profile`)
    await byId('log-out').click()
    await byId('log-out-confirm').click()
    await byId('auth-username').waitFor()
  }

  beforeAll(async () => {
    product = await startProduct()
    ada = await openAs(product.browser, product.url, {
      username: 'ada.l',
      displayName: 'Ada L',
      viewport: { width: 390, height: 844 },
    })
  })
  afterAll(async () => {
    await ada?.[Symbol.asyncDispose]()
    await product?.[Symbol.asyncDispose]()
  })

  test('another address asks for the password in place, and waits for its confirmation', async () => {
    await ada.page.goto(`${product.url}/register`)
    await byId('auth-username').fill('ada.l')
    await byId('auth-display-name').fill('Ada L')
    await byId('auth-email').fill(email)
    await byId('auth-password').fill(password)
    await byId('auth-submit').click()
    await byId('new-chat').waitFor()
    await prove(email)
    await ada.page.goto(`${product.url}/profile`)

    // By keyboard alone, from the button to the answer.
    await byId('change-email').focus()
    await ada.page.keyboard.press('Enter')
    const sheet = ada.page.getByRole('dialog', { name: 'Change address' })
    await sheet.waitFor()
    await ada.page.keyboard.type(withdrawn)
    await byId('proof-password').fill('not my password')
    await byId('proof-password').press('Enter')
    await sheet.getByText('This password is wrong.').waitFor()
    expect(await byId('proof-password').getAttribute('aria-invalid')).toBe('true')
    await byId('proof-password').fill(password)
    await byId('proof-password').press('Enter')
    await sheet.waitFor({ state: 'detached' })
    const waits = (address: string) =>
      `Waiting for confirmation of ${address}. ${email} stays in use until then.`
    expect(await byId('email-state').innerText()).toBe(waits(withdrawn))

    // Cancelled, in words; then one in letters of its owner's language.
    await byId('cancel-email').click()
    const kept = `Cancelled. ${email} stays your address; the link to the other one no longer works.`
    await ada.page.getByText(kept, { exact: true }).waitFor()
    await byId('change-email').click()
    await byId('new-email').fill(next)
    await byId('proof-password').fill(password)
    await byId('proof-submit').click()
    await ada.page.getByText(waits(next), { exact: true }).waitFor()

    await prove(next)
    await ada.page.getByText(next, { exact: true }).waitFor()
    await ada.page.getByText('Verified', { exact: true }).waitFor()
  })

  test('a second factor is turned on with the password, and off with a code besides', async () => {
    await byId('change-totp').click()
    await byId('proof-password').fill(password)
    await byId('proof-submit').click()
    const secret = (await byId('totp-secret').innerText()).replaceAll(/\s/g, '')
    await byId('auth-code').fill('000000')
    await byId('totp-confirm').click()
    await ada.page.getByText('This code is wrong, or was used already.').waitFor()
    await byId('auth-code').fill(totpCode(secret))
    await byId('totp-confirm').click()
    await byId('recovery-done').waitFor()
    const codes = await byId('recovery-code').allInnerTexts()
    expect(codes).toHaveLength(10)
    await byId('recovery-done').click()

    // A link that was opened signed out waits for the code, too.
    await logOut()
    await ada.page.goto(`${product.url}/new`)
    await byId('auth-username').fill('ada.l')
    await byId('auth-password').fill(password)
    await byId('auth-submit').click()
    await byId('auth-code').fill(codes[0] ?? '')
    await byId('auth-submit').click()
    await byId('people-search').waitFor()
    await ada.page.goto(`${product.url}/profile`)

    await byId('change-totp').click()
    await byId('proof-password').fill(password)
    await byId('proof-submit').click()
    await ada.page.getByText('Enter the code').waitFor()
    await byId('auth-code').fill(totpCode(secret, 1))
    await byId('proof-submit').click()
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' })
    await ada.page.getByText('Off', { exact: true }).waitFor()
  })

  /** Sessions that browsers hold at the server; the one that asks is none of them. */
  const sessionsAtBrowsers = async () => {
    const { accessToken } = await logInByApi(product.url, 'ada.l')
    const sessions = { token: accessToken }
    const { items } = await callApi<Sessions>(product.url, '/v1/auth/sessions', sessions)
    return items.filter(({ device }) => device?.platform === 'web').length
  }
  const kept = () =>
    ada.page.evaluate(async () => ({
      databases: (await indexedDB.databases()).map(({ name }) => name),
      names: [...Object.keys(localStorage), ...Object.keys(sessionStorage)].filter(
        (key) => !/preferences/.test(key),
      ),
    }))

  test('logging out offline wipes this browser in every tab, and ends the session at the next connection', async () => {
    const other = await ada.context.newPage()
    await other.goto(product.url)
    await other.getByTestId('new-chat').waitFor()
    await ada.page.goto(`${product.url}/profile`)
    await byId('log-out').waitFor()
    await ada.context.setOffline(true)
    await byId('log-out').click()
    await byId('log-out-confirm').click()
    await byId('auth-username').waitFor()
    await other.getByTestId('auth-username').waitFor()
    await expect.poll(kept).toEqual({ databases: [], names: ['finnigram.logout.0'] })
    await other.close()
    expect(await sessionsAtBrowsers()).toBe(1)

    await ada.context.setOffline(false)
    await ada.page.reload()
    await expect.poll(sessionsAtBrowsers).toBe(0)
    await expect.poll(async () => (await kept()).names).toEqual([])
  })

  test('a session ends though the server was busy, and though the tab was closed at once', async () => {
    await ada.logIn()
    await ada.page.route('**/v1/auth/logout', (route) => route.fulfill({ status: 503 }), { times: 1 })
    await logOut()
    await expect.poll(sessionsAtBrowsers).toBe(0)

    await ada.logIn()
    await ada.page.goto(`${product.url}/profile`)
    await byId('log-out').click()
    await byId('log-out-confirm').click()
    await ada.page.close()
    await expect.poll(sessionsAtBrowsers).toBe(0)
    ada.page = await ada.context.newPage()
  })

  test('a link that was opened signed out is where signing in leads, whatever happens between', async () => {
    const { accessToken: token, user } = await logInByApi(product.url, 'ada.l')
    const body = { kind: 'direct', userId: user.id }
    const { id } = await callApi<{ id: string }>(product.url, '/v1/conversations', { token, body })
    const signIn = async (page: Page, word = password) => {
      await page.getByTestId('auth-username').fill('ada.l')
      await page.getByTestId('auth-password').fill(word)
      await page.getByTestId('auth-submit').click()
    }
    const link = `${product.url}/c/${id}`
    const second = await ada.context.newPage()
    await ada.page.goto(link)
    await byId('auth-username').waitFor()
    await second.goto(`${product.url}/c/${id}/details`)
    await second.getByTestId('auth-username').waitFor()
    await ada.page.reload()
    await signIn(ada.page, 'not my password')
    await ada.page.getByText('The username or the password is wrong.').waitFor()
    await ada.page.reload()
    await signIn(ada.page)
    await byId('composer-input').waitFor()
    expect(ada.page.url()).toBe(link)
    await second.reload()
    await second.getByText('Notes, links and lists').last().waitFor()
    expect(second.url()).toBe(`${link}/details`)
    await second.close()

    // It was good for once, and whoever logs out leaves nothing of it.
    await logOut()
    await signIn(ada.page)
    await byId('new-chat').waitFor()
    expect(new URL(ada.page.url()).pathname).toBe('/')
    await logOut()
    await ada.page.goto(`${product.url}//evil.example/c/1`)
    await signIn(ada.page)
    await byId('new-chat').waitFor()
    expect(new URL(ada.page.url()).origin).toBe(new URL(product.url).origin)
  })

  test('who registers instead follows the link, too, and reads where it may not lead', async () => {
    const { accessToken: token } = await logInByApi(product.url, 'ada.l')
    const body = { kind: 'group', title: 'Sailing', userIds: [] }
    const { id } = await callApi<{ id: string }>(product.url, '/v1/conversations', { token, body })
    const { code } = await callApi<Invite>(product.url, `/v1/conversations/${id}/invites`, {
      token,
      body: {},
    })
    const person = { username: 'grace.h', displayName: 'Grace H' }
    await using grace = await openAs(product.browser, product.url, person)
    const at = (testId: string) => grace.page.getByTestId(testId)
    await grace.page.goto(`${product.url}/invite/${code}`)
    await at('auth-switch').click()
    await grace.page.reload()
    await at('auth-username').fill('grace.h')
    await at('auth-display-name').fill('Grace H')
    await at('auth-password').fill(password)
    await at('auth-submit').click()
    await at('invite-join').waitFor()

    await grace.page.evaluate(() => localStorage.clear())
    await grace.page.goto(`${product.url}/c/${id}`)
    await at('auth-username').fill('grace.h')
    await at('auth-password').fill(password)
    await at('auth-submit').click()
    await grace.page.getByText('This chat is not here').waitFor()
  })

  test('Esc leaves a question, and an account ends with its password only', async () => {
    await ada.page.goto(`${product.url}/profile`)
    await byId('delete-account').click()
    await ada.page.getByRole('dialog', { name: 'Delete account' }).waitFor()
    await ada.page.keyboard.press('Escape')
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' })
    await byId('delete-account').click()
    await byId('proof-submit').click()
    await ada.page.getByText('Enter your password').waitFor()
    await byId('proof-password').fill(password)
    await byId('proof-submit').click()
    await byId('auth-username').waitFor()
    const body = { identifier: 'ada.l', password }
    await expect(done(product.url, 'POST /v1/auth/login', { body })).rejects.toThrow('401')
  })
})
