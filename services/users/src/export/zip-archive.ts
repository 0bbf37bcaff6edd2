import { PassThrough, Readable } from 'node:stream'
import { ZipFile } from 'yazl'

/** A file of an archive; its content is asked for when its turn comes. */
export interface ArchivedFile {
  name: string
  /** Pictures, sounds and films do not become smaller. */
  isCompact?: boolean
  content(): AsyncIterable<string | Uint8Array>
}

/** A zip of these files, made while it is read: nothing is fetched faster than it is taken. A file that fails destroys the stream, so that it never ends as if it were whole. */
export function zipFiles(files: readonly ArchivedFile[]): Readable {
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
