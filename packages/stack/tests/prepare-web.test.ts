import { readdir } from 'node:fs/promises'
import { startGateway } from '@finnigram/gateway'
import { expect, test } from 'vitest'
import { readConfig } from '../src/config.ts'
import { prepareWeb } from '../src/prepare-web.ts'
import { silent } from '../src/progress.ts'
import { makeDataDirectory } from './make-data-directory.ts'

test('a failed build shows in the terminal and at the app’s address; the API works', async () => {
  await using directory = await makeDataDirectory()
  await using builds = await makeDataDirectory()
  await using gateway = await startGateway({ port: 0, host: '127.0.0.1', trustProxy: false })
  const said: string[] = []
  await prepareWeb(gateway, {
    config: readConfig({ FINNIGRAM_HOME: directory.path, NODE_OPTIONS: '--no-such-option' }),
    progress: { ...silent, say: (line) => said.push(line) },
    signal: new AbortController().signal,
    builds: builds.path,
  })
  expect(said.join()).toMatch(
    /could not be built; the API runs without it.*web-build\.log.*--no-such-option/s,
  )
  expect(await (await fetch(gateway.url)).text()).toContain('The web app could not be built')
  expect((await fetch(`${gateway.url}/v1/openapi.json`)).status).toBe(200)
  expect(await readdir(builds.path)).toEqual(
    expect.not.arrayContaining([expect.stringContaining('building')]),
  )
})

test('aborting the start aborts the build', async () => {
  await using directory = await makeDataDirectory()
  await using builds = await makeDataDirectory()
  await using gateway = await startGateway({ port: 0, host: '127.0.0.1', trustProxy: false })
  const ending = new AbortController()
  const building = prepareWeb(gateway, {
    config: readConfig({
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      FINNIGRAM_HOME: directory.path,
    }),
    progress: silent,
    signal: ending.signal,
    builds: builds.path,
  })
  setTimeout(() => ending.abort(), 1_000)
  const begun = Date.now()
  await building
  expect(Date.now() - begun).toBeLessThan(8_000)
})
