import { createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'

export interface NameServer extends AsyncDisposable {
  /** As `Resolver.setServers` takes it. */
  readonly address: string
  /** Names asked for so far. */
  readonly asked: string[]
}

const typeA = 1
const typeAaaa = 28

/**
 * Answers which addresses names have (RFC 1035, over UDP on the loopback interface); a name that is
 * not among them does not exist.
 */
export async function startNameServer(
  names: Readonly<Record<string, readonly string[]>>,
): Promise<NameServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (query, { port, address }) => {
    const { name, type, end } = readQuestion(query)
    asked.push(name)
    socket.send(answerTo(query.subarray(0, end), { known: names[name], type }), port, address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    asked,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += length + 1
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function answerTo(
  query: Buffer,
  { known, type }: { known: readonly string[] | undefined; type: number },
): Buffer {
  const wanted = (known ?? []).filter((address) => (isIPv4(address) ? typeA : typeAaaa) === type)
  const head = Buffer.from(query)
  const noSuchName = 3
  head.writeUInt16BE(0x8180 | (known ? 0 : noSuchName), 2)
  head.writeUInt16BE(wanted.length, 6)
  head.writeUInt16BE(0, 8)
  head.writeUInt16BE(0, 10)
  return Buffer.concat([head, ...wanted.map((address) => recordOf(address, type))])
}

/** Names the question, belongs to the internet, holds for a second. */
function recordOf(address: string, type: number): Buffer {
  const bytes = isIPv4(address) ? address.split('.').map(Number) : ipv6Bytes(address)
  return Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 1, 0, bytes.length, ...bytes])
}

function ipv6Bytes(address: string): number[] {
  const [head = '', tail = ''] = address.split('::')
  const groups = (part: string) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [first, last] = [groups(head), groups(tail)]
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0)
  return [...first, ...zeros, ...last].flatMap((group) => [group >> 8, group & 0xff])
}
