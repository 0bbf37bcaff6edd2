import { Writable } from 'node:stream'

type Sink = (line: string) => void

let sink: Sink = (line) => {
  process.stdout.write(line)
}

/** Where log lines go: the process's standard output, unless a test listens. */
export const logOutput = new Writable({
  decodeStrings: false,
  write(line: string, _encoding, done) {
    sink(line)
    done()
  },
})

/** Sends this process's log lines to `to` instead of standard output, from now on. */
export function divertLogs(to: Sink): void {
  sink = to
}
