import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Person } from './person.ts'
import { done } from './person.ts'

/** The mail of a stack without a mail server: files in its home. */
export interface Mailbox {
  /** The token that proves the address of `person`, who has just signed up. */
  verificationOf(person: Person): Promise<string>
  /** All such tokens of an address that several people gave, once `count` of them have come. */
  verificationsOf(email: string, count: number): Promise<string[]>
  /** Asks for and takes out a token that sets a new password. */
  resetOf(person: Person): Promise<string>
}

export function createMailbox(home: string, url: string): Mailbox {
  const folder = join(home, 'mail')
  const mailsTo = async (email: string) => {
    // The folder comes with the first mail, and mails go with the account they are about.
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.eml'))
    const mails = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')))
    return mails
      .map((mail) => mail.replaceAll('=\r\n', '').replaceAll('=3D', '='))
      .filter((mail) => mail.includes(email))
  }
  const takeAll = async (email: string, link: RegExp, count = 1) => {
    for (let tries = 0; tries < 200; tries += 1) {
      const tokens = (await mailsTo(email)).flatMap((mail) => link.exec(mail)?.[1] ?? [])
      if (tokens.length >= count) return tokens
      await setTimeout(50)
    }
    throw new Error(`No ${count} mails for ${email} with ${link}`)
  }
  const take = async (email: string, link: RegExp) => (await takeAll(email, link))[0] ?? ''
  const verification = /verify[^\s"<>]*?token=([\w.-]+)/
  return {
    verificationOf: ({ email }) => take(email, verification),
    verificationsOf: (email, count) => takeAll(email, verification, count),
    async resetOf({ email }) {
      await done(url, 'POST /v1/auth/password/forgot', { body: { email } })
      return take(email, /reset[^\s"<>]*?token=([\w.-]+)/)
    },
  }
}
