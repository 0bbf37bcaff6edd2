import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '@finnigram/stack'
import type { Browser } from 'playwright-core'
import { startBrowser } from './start-browser.ts'

export interface Product {
  url: string
  browser: Browser
  stack: Awaited<ReturnType<typeof startStack>>
  [Symbol.asyncDispose](): Promise<void>
}

/** The whole product on a fresh home and a free port, and a browser to use it with. */
export async function startProduct(): Promise<Product> {
  const home = await mkdtemp(join(tmpdir(), 'finnigram-e2e-'))
  const [stack, browser] = await Promise.all([startStack({ home, port: 0, seed: false }), startBrowser()])
  return {
    url: stack.url,
    browser,
    stack,
    async [Symbol.asyncDispose]() {
      await browser.close()
      await stack[Symbol.asyncDispose]()
      await rm(home, { recursive: true, force: true })
    },
  }
}
