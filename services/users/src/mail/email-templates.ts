import { keptDays } from '../people/former-usernames.ts'
import type { Notice } from './mail-job.ts'
import { tokenMinutes } from './mailed-token.ts'

/** The content of a mail: a subject, paragraphs, and links with their tokens. */
export interface EmailContent {
  subject: string
  greeting: string
  before: string[]
  actions: { words: string; link: string; token: string }[]
  after: string[]
}

export interface LinkEmail {
  publicUrl: string
  username: string
  token: string
}

/** The token is in the fragment, which browsers send to no server, so it reaches no log. */
const link = (publicUrl: string, page: string, token: string) => `${publicUrl}/${page}#token=${token}`
const greetingFor = (username: string) => `Hello ${username},`

/**
 * The mail with which a person sets a new password. Accounts that share an unproven address have a
 * link each.
 */
export function passwordResetEmail(
  publicUrl: string,
  accounts: { username: string; token: string }[],
): EmailContent {
  const [first] = accounts
  const isOne = accounts.length === 1
  const words = (username: string) => (isOne ? 'Set a new password' : `Set a new password for ${username}`)
  return {
    subject: 'Set a new password',
    greeting: isOne && first ? greetingFor(first.username) : 'Hello,',
    before: isOne
      ? ['somebody, hopefully you, asked to set a new password for your account.']
      : [
          'somebody, hopefully you, asked to set a new password. Several accounts gave this address, and none has confirmed it yet.',
          'Choose the one that is yours: the address then belongs to it alone.',
        ],
    actions: accounts.map(({ username, token }) => ({
      words: words(username),
      link: link(publicUrl, 'reset-password', token),
      token,
    })),
    after: [
      `This works once, within ${tokenMinutes.reset_password} minutes. It signs all your devices out.`,
      'If it was not you, do nothing: your password stays as it is.',
    ],
  }
}

/** The mail that proves an address. */
export const verificationEmail = ({ publicUrl, username, token }: LinkEmail): EmailContent => ({
  subject: 'Is this your e-mail address?',
  greeting: greetingFor(username),
  before: ['this address was given for your account. Please say that it is yours.'],
  actions: [{ words: 'Yes, this is my address', link: link(publicUrl, 'verify-email', token), token }],
  after: [
    `This works once, within ${tokenMinutes.verify_email / 60} hours.`,
    'If you know nothing of this, somebody mistyped their address: do nothing.',
  ],
})

const noticeTexts: Record<Notice, { subject: string; sentence: string; undo?: string }> = {
  password_changed: {
    subject: 'Your password was changed',
    sentence: 'the password of your account was changed, and all your other devices were signed out.',
  },
  password_reset: {
    subject: 'Your password was set anew',
    sentence:
      'a new password was set for your account with a mailed link, and all your devices were signed out.',
  },
  username_changed: {
    subject: 'Your username was changed',
    sentence: `your account has the username above from now on. The former one is kept for you for ${keptDays} days: nobody else can take it, and you can take it back.`,
  },
  email_change_requested: {
    subject: 'Your e-mail address is about to change',
    sentence:
      'another e-mail address was given for your account, with your password. It replaces this one as soon as it is confirmed; until then this one stays in use.',
    undo: 'set a new password now: that takes the change back and signs all devices out. Ask for the link at',
  },
  email_changed: {
    subject: 'Your e-mail address was changed',
    sentence:
      'this address no longer belongs to your account: another one took its place, or it was removed.',
  },
  totp_enabled: {
    subject: 'Two-factor sign-in is on',
    sentence: 'signing in to your account now needs a code of your authenticator app, too.',
  },
  totp_disabled: {
    subject: 'Two-factor sign-in is off',
    sentence: 'signing in to your account no longer needs a code of an authenticator app.',
  },
}

/** The mail that says what was changed. */
export const noticeEmail = (
  about: Notice,
  { publicUrl, username, at }: { publicUrl: string; username: string; at: string },
): EmailContent => ({
  subject: noticeTexts[about].subject,
  greeting: greetingFor(username),
  before: [noticeTexts[about].sentence, `It happened at ${at.slice(0, 16).replace('T', ' ')} UTC.`],
  actions: [],
  after: [
    'If it was you, all is well.',
    noticeTexts[about].undo
      ? `If it was not, ${noticeTexts[about].undo} ${publicUrl}/forgot`
      : `If it was not, set a new password at ${publicUrl} at once and sign your other devices out.`,
  ],
})

/** The mail as plain text. */
export function renderText({ greeting, before, actions, after }: EmailContent): string {
  const acting = actions.flatMap(({ words, link, token }) => [
    `${words}:\n${link}`,
    `Or type in this token:\n${token}`,
  ])
  const paragraphs = [greeting, ...before.map(wrap), ...acting, ...after.map(wrap), '-- \nFinnigram']
  return `${paragraphs.join('\n\n')}\n`
}

const lineLength = 72

/** Breaks a paragraph into lines. */
function wrap(paragraph: string): string {
  const lines = ['']
  for (const word of paragraph.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= lineLength) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}

/** The mail as HTML that every mail program shows: no images, no style sheet, nothing fetched. */
export function renderHtml({ subject, greeting, before, actions, after }: EmailContent): string {
  const paragraph = (inner: string) => `<p style="margin:0 0 16px">${inner}</p>`
  const text = (lines: string[]) => lines.map((line) => paragraph(escapeHtml(line)))
  const acting = actions.flatMap(({ words, link, token }) => [
    paragraph(
      `<a href="${escapeHtml(link)}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#2f5fd0;color:#ffffff;text-decoration:none">${escapeHtml(words)}</a>`,
    ),
    paragraph(`Or type in this token:<br><code>${escapeHtml(token)}</code>`),
  ])
  const body = [paragraph(escapeHtml(greeting)), ...text(before), ...acting, ...text(after)].join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1c1c1e;background:#ffffff"><div style="max-width:520px">
${body}
<p style="margin:24px 0 0;color:#6b6b70">Finnigram</p>
</div></body></html>
`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (value: string) => value.replace(/[&<>"']/g, (character) => entities[character] ?? '')
