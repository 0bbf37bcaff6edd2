import { PassThrough, Readable } from 'node:stream'
import { ZipFile } from 'yazl'

/** A file of an archive. Its content is read when the archive reaches it. */
export interface ArchiveFile {
  name: string
  /** Not compressed again: pictures, sounds, films. */
  isCompact?: boolean
  content(): AsyncIterable<string | Uint8Array>
}

/**
 * A zip of these files, made while it is read (backpressure). If a file fails, the stream is
 * destroyed, so that it never looks complete.
 */
export function zipFiles(files: readonly ArchiveFile[]): Readable {
  const zip = new ZipFile()
  const output = new PassThrough()
  let current: Readable | undefined
  zip.on('error', (error: Error) => output.destroy(error))
  output.once('close', () => current?.destroy())
  for (const { name, content, isCompact = false } of files) {
    zip.addReadStreamLazy(name, { mtime: new Date(), compress: !isCompact }, (give) => {
      current = Readable.from(content(), { objectMode: false })
      current.on('error', (error) => zip.emit('error', error))
      give(null, current)
    })
  }
  zip.end()
  zip.outputStream.pipe(output)
  return output
}

const descriptions: Readonly<Record<string, string>> = {
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

/** The README of an export. Throws for a file without a description. */
export function readmeFile(files: readonly ArchiveFile[], publicUrl: string): ArchiveFile {
  const lines = files
    .filter(({ name }) => !name.startsWith(uploads))
    .map(({ name }) => {
      const meaning = descriptions[name]
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
