import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMailbox } from '../access/world/mailbox.ts'
import { done, type Person } from '../access/world/person.ts'
import { openAs, type PersonAtBrowser, password } from '../src/person-at-browser.ts'
import { type Product, startProduct } from '../src/start-product.ts'
import { totpCode } from '../src/totp-code.ts'

describe('my account', () => {
  let product: Product
  let ada: PersonAtBrowser
  const [email, withdrawn, next] = ['ada@sea.example', 'ada@shore.example', 'jürgen@müller.example']
  const byId = (id: string) => ada.page.getByTestId(id)
  const prove = async (address: string) => {
    const mailbox = createMailbox(product.stack.home, product.url)
    const token = await mailbox.verificationOf({ email: address } as Person)
    await done(product.url, 'POST /v1/auth/email/verify', { body: { token } })
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
    expect(await byId('recovery-code').count()).toBe(10)
    await byId('recovery-done').click()

    await byId('change-totp').click()
    await byId('proof-password').fill(password)
    await byId('proof-submit').click()
    await ada.page.getByText('Enter the code').waitFor()
    await byId('auth-code').fill(totpCode(secret, 1))
    await byId('proof-submit').click()
    await ada.page.getByRole('dialog').waitFor({ state: 'detached' })
    await ada.page.getByText('Off', { exact: true }).waitFor()
  })

  test('Esc leaves a question, and an account ends with its password only', async () => {
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
