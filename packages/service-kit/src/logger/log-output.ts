import { Writable } from 'node:stream'

type Sink = (line: string) => void

const toStdout: Sink = (line) => {
  process.stdout.write(line)
}
let sink = toStdout

/** Where log lines go: the process's standard output, unless a test listens. */
export const logOutput = new Writable({
  decodeStrings: false,
  write(line: string, _encoding, done) {
    sink(line)
    done()
  },
})

/** Sends log lines to `to` instead of standard output until the returned function is called. */
export function divertLogs(to: Sink): () => void {
  sink = to
  return () => {
    sink = toStdout
  }
}
