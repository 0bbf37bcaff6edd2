import type { Conversation, Invite } from '@finnigram/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAs, type PersonAtBrowser } from '../src/person-at-browser.ts'
import { callApi, logInByApi } from '../src/prepare-by-api.ts'
import { type Product, startProduct } from '../src/start-product.ts'

let product: Product
let ada: PersonAtBrowser
let grace: PersonAtBrowser
let token: string

beforeAll(async () => {
  product = await startProduct()
  const { browser, url } = product
  ada = await openAs(browser, url, { username: 'ada.inv', displayName: 'Ada Lovelace' })
  const phone = { viewport: { width: 390, height: 844 } }
  grace = await openAs(browser, url, { username: 'grace.inv', displayName: 'Grace Hopper', ...phone })
  await Promise.all([ada.register(), grace.register()])
  token = (await logInByApi(url, 'ada.inv')).accessToken
}, 180_000)
afterAll(async () => {
  await ada?.[Symbol.asyncDispose]()
  await grace?.[Symbol.asyncDispose]()
  await product?.[Symbol.asyncDispose]()
})

const byId = (who: PersonAtBrowser, id: string) => who.page.getByTestId(id)

async function makeGroup(title: string): Promise<string> {
  await byId(ada, 'new-chat').click()
  await byId(ada, 'new-group').click()
  await byId(ada, 'people-search').fill('grace.inv')
  await byId(ada, 'person-grace.inv').click()
  await byId(ada, 'group-next').click()
  await byId(ada, 'group-title').fill(title)
  await byId(ada, 'group-create').click()
  await byId(ada, 'composer-input').waitFor()
  return new URL(ada.page.url()).pathname.split('/').at(-1) ?? ''
}

test('who lets nobody add them is asked, and joins when they accept', async () => {
  await byId(grace, 'profile').click()
  const nobody = byId(grace, 'add-to-groups-nobody')
  await nobody.click()
  await expect.poll(() => nobody.getAttribute('aria-checked')).toBe('true')
  await grace.page.getByLabel('Back').first().click()

  const id = await makeGroup('Climbing')
  await ada.say('Who brings the rope?')
  const row = byId(grace, `invitation-row-${id}`)
  await row.waitFor()
  expect(await row.innerText()).toContain('Ada Lovelace invited you · 1 member')
  expect(await byId(grace, `conversation-row-${id}`).count()).toBe(0)
  await row.click()
  await byId(grace, 'invitation-accept').waitFor()
  expect(await grace.page.getByText('Who brings the rope?').count()).toBe(0)

  await ada.page.goto(`${product.url}/c/${id}/details`)
  await byId(ada, 'withdraw-grace.inv').waitFor()
  await byId(grace, 'invitation-accept').click()
  await byId(grace, 'composer-input').waitFor()
  await grace.say('I do')
  await grace.page.getByText('You joined here. Earlier messages are not shown to you.').waitFor()
  await ada.page.getByText('I do').first().waitFor()
  await expect.poll(() => byId(ada, 'withdraw-grace.inv').count()).toBe(0)
})

test('without a network an answer says so, and counts once the network is back', async () => {
  const id = await invite('Chess')
  await grace.page.goto(`${product.url}/c/${id}`)
  await byId(grace, 'invitation-decline').waitFor()
  await grace.context.setOffline(true)
  await byId(grace, 'invitation-decline').click()
  await grace.page.getByText('The server cannot be reached.').waitFor()
  await grace.context.setOffline(false)
  await byId(grace, 'invitation-decline').click()
  await byId(grace, 'new-chat').waitFor()
  await expect.poll(() => byId(grace, `invitation-row-${id}`).count()).toBe(0)
})

test('an invitation that is withdrawn goes while it is looked at; who blocks the inviter sees none any more', async () => {
  const id = await invite('Sailing')
  await byId(grace, `invitation-row-${id}`).click()
  await byId(grace, 'invitation-accept').waitFor()
  await ada.page.goto(`${product.url}/c/${id}/details`)
  await byId(ada, 'withdraw-grace.inv').click()
  await grace.page.getByText('This chat is not here').waitFor()
  await grace.page.goto(product.url)

  const other = await invite('Diving')
  await byId(grace, `invitation-row-${other}`).click()
  await byId(grace, 'invitation-block').click()
  await byId(grace, 'block-confirm').waitFor()
  await byId(grace, 'block-confirm').click()
  await expect.poll(() => byId(grace, `invitation-row-${other}`).count()).toBe(0)
})

test('who was removed keeps what was not sent, and reads at an invite link that an admin can add them again', async () => {
  const { browser, url } = product
  await using linus = await openAs(browser, url, { username: 'linus.inv', displayName: 'Linus' })
  await linus.register()
  const linusToken = (await logInByApi(url, 'linus.inv')).accessToken
  const me = await fetchMe(linusToken)
  const body = { kind: 'group', title: 'Kernel', userIds: [me] }
  const { id } = await callApi<Conversation>(url, '/v1/conversations', { token, body })
  const { code } = await callApi<Invite>(url, `/v1/conversations/${id}/invites`, { token, body: {} })
  // What Linus types and is never sent outlives his being removed.
  await byId(linus, `conversation-row-${id}`).click()
  await linus.page.route('**/me', (route) =>
    route.request().method() === 'PATCH' ? undefined : route.continue(),
  )
  await byId(linus, 'composer-input').fill('typed and not sent')
  const removed = await fetch(`${url}/v1/conversations/${id}/participants/${me}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  })
  expect(removed.status).toBe(204)
  await linus.page.getByText('This chat is not here').waitFor()
  await byId(linus, `unsent-${id}`).getByText('typed and not sent').waitFor()
  await linus.page.reload()
  await byId(linus, `unsent-${id}`).getByText('you are no longer in “Kernel”').waitFor()
  await byId(linus, `discard-unsent-${id}`).click()
  await byId(linus, `unsent-${id}`).waitFor({ state: 'detached' })
  await linus.page.goto(`${url}/invite/${code}`)
  await linus.page.getByText('You were removed from this group').waitFor()
})

/** Ada makes a group and names Grace for it. */
async function invite(title: string): Promise<string> {
  const userIds = [await fetchMe((await logInByApi(product.url, 'grace.inv')).accessToken)]
  const body = { kind: 'group', title, userIds }
  const { id } = await callApi<Conversation>(product.url, '/v1/conversations', { token, body })
  return id
}

const fetchMe = async (bearer: string) =>
  (await callApi<{ id: string }>(product.url, '/v1/users/me', { token: bearer })).id
