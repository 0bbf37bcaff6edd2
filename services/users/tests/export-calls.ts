import { randomBytes } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import { newId, type SignedIn } from '@finnigram/contracts'
import { plainMessage } from '@finnigram/contracts/testing'
import type { TestUsers } from './start-test-users.ts'

export const exportPath = '/v1/users/me/export'

export const askForExport = ({ url }: TestUsers, { accessToken: token }: SignedIn) =>
  fetch(url + exportPath, { headers: { authorization: `Bearer ${token}` } })

/** The answer as it begins; its body waits. */
export const beginExport = ({ url }: TestUsers, { accessToken }: SignedIn) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${accessToken}` }
    request(url + exportPath, { headers, agent: false }, resolve)
      .on('error', reject)
      .end()
  })

export const message = (text: string) => plainMessage({ text })

/** This many pages of incompressible text; `failsAt` hangs up at that one. */
export function manyPages(count: number, failsAt = Number.POSITIVE_INFINITY) {
  let page = 0
  return () => {
    page += 1
    if (page >= failsAt) return undefined
    const items = Array.from({ length: 10 }, () => message(randomBytes(12_000).toString('base64')))
    return { items, nextAfter: page < count ? newId() : null }
  }
}
