import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from '@finnigram/contracts'
import { openAs } from './src/person-at-browser.ts'
import { callApi, registerByApi } from './src/prepare-by-api.ts'
import { startProduct } from './src/start-product.ts'

/** Takes the pictures of the README: `node e2e/take-screenshots.ts [folder]`. */
const folder = process.argv[2] ?? join(import.meta.dirname, '../docs/images')
const phone = { width: 390, height: 844 }
const wide = { width: 1280, height: 800 }

await mkdir(folder, { recursive: true })
await using product = await startProduct()
const { url } = product

const people = {
  mira: await registerByApi(url, 'mira', 'Mira Okafor'),
  jonas: await registerByApi(url, 'jonas', 'Jonas Weber'),
  lin: await registerByApi(url, 'lin', 'Lin Zhao'),
  sofia: await registerByApi(url, 'sofia', 'Sofía Reyes'),
}
type Name = keyof typeof people

/**
 * Someone starts a conversation, people say their lines in it, and `readers` have read them all.
 */
async function converse(body: unknown, [founder, ...readers]: [Name, ...Name[]], lines: [Name, string][]) {
  const { id } = await callApi<{ id: string }>(url, '/v1/conversations', {
    token: people[founder].accessToken,
    body,
  })
  for (const [name, text] of lines) {
    const token = people[name].accessToken
    await callApi(url, `/v1/conversations/${id}/messages`, { token, body: { id: newId(), text } })
  }
  for (const reader of readers) {
    const token = people[reader].accessToken
    await callApi(url, `/v1/conversations/${id}/read`, { token, body: { seq: lines.length } })
  }
}

const idOf = (name: Name) => people[name].user.id
await converse(
  { kind: 'direct', userId: idOf('sofia') },
  ['mira', 'mira', 'sofia'],
  [
    ['sofia', 'The photos from Saturday are up'],
    ['mira', 'They are lovely, thank you!'],
  ],
)
await converse(
  { kind: 'group', title: 'Sunday hike', userIds: [idOf('jonas'), idOf('lin'), idOf('sofia')] },
  ['mira'],
  [
    ['mira', 'Who is in for Sunday?'],
    ['lin', 'Me! Which trail?'],
    ['jonas', 'The lake loop, about 14 km: https://example.org/lake-loop'],
    ['lin', 'I can bring lunch'],
    ['sofia', 'And I have coffee ☕'],
  ],
)
await converse(
  { kind: 'direct', userId: idOf('jonas') },
  ['mira', 'mira', 'jonas'],
  [
    ['jonas', 'Morning! Did the new server survive the night?'],
    ['mira', 'It did. One command, and it has been up since.'],
    ['mira', 'I even pulled the plug on the database once, to see.'],
    ['jonas', 'And?'],
    ['mira', 'Everything I had written went out by itself when it was back 🎉'],
    ['jonas', 'That is exactly what I wanted to hear.'],
    ['jonas', 'Shall we move the team over on Monday?'],
    ['mira', 'Yes, let’s. I will write to everyone this afternoon.'],
  ],
)

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [size, viewport] of Object.entries({ phone, wide })) {
    await using mira = await openAs(product.browser, url, {
      username: 'mira',
      displayName: 'Mira Okafor',
      viewport,
      colorScheme,
      deviceScaleFactor: 2,
      reducedMotion: 'reduce',
    })
    const shoot = (name: string) =>
      mira.page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) })
    await mira.page.goto(`${url}/login`)
    await mira.page.getByTestId('auth-username').waitFor()
    await shoot('sign-in')
    await mira.logIn()
    await mira.page.getByText('Sunday hike').first().waitFor()
    await mira.page.waitForTimeout(400)
    await shoot('list')
    await mira.openChat('Jonas Weber')
    await mira.bubble('this afternoon').waitFor()
    await mira.page.waitForTimeout(600)
    await shoot('chat')
    if (size === 'phone') await mira.page.goto(url)
    await mira.openChat('Sunday hike')
    await mira.bubble('coffee').waitFor()
    await mira.page.waitForTimeout(600)
    await shoot('group')
    await mira.page.goto(`${url}/new`)
    await mira.page.getByTestId('people-search').fill('lin')
    await mira.page.getByTestId('person-lin').waitFor()
    await shoot('new-chat')
  }
}
