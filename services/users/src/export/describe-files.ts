import type { ArchivedFile } from './zip-archive.ts'

const meanings: Readonly<Record<string, string>> = {
  'profile.json': 'who you are here: names, e-mail address, and what others see of you',
  'preferences.json': 'your settings',
  'sessions.json': 'where you are signed in',
  'devices.json': 'which of your devices are notified',
  'blocks.json': 'whom you blocked',
  'activity.json': 'what happened to your account in the last year, newest first',
  'avatar.webp': 'your picture',
  'conversations.jsonl': 'the conversations you are in, one to a line',
  'starred.jsonl': 'the messages you starred, one to a line',
  'reactions.jsonl': 'the reactions you gave, one to a line',
  'attachments.jsonl': 'the files you uploaded, one to a line; their ids begin the names in files/',
  'messages.jsonl': 'what you wrote, conversation by conversation, one message to a line',
}

/** The folder of uploaded files. */
export const uploads = 'files/'

/** The index of an export. Throws for a file that has no description. */
export function describeFiles(files: readonly ArchivedFile[], publicUrl: string): ArchivedFile {
  const lines = files
    .filter(({ name }) => !name.startsWith(uploads))
    .map(({ name }) => {
      const meaning = meanings[name]
      if (meaning === undefined) throw new Error(`${name} has no description`)
      return `${name.padEnd(22)}${meaning}`
    })
  const text = [
    `Everything of yours on ${publicUrl}, as of ${new Date().toISOString()}.`,
    '',
    ...lines,
    '',
    'Files ending in .json hold one JSON value, those ending in .jsonl one to a line (JSON Lines); all are UTF-8.',
    `Times are UTC. In ${uploads} are the files themselves.`,
    'Left out: your password and the secrets of your second factor and devices.',
    '',
  ]
  return {
    name: 'README.txt',
    async *content() {
      yield text.join('\r\n')
    },
  }
}
