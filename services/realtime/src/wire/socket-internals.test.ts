import { expect, test } from 'vitest'
import { missingFrom, requireInternals } from './socket-internals.ts'

test('the installed Socket.IO passes on frames that bypass it', async () => {
  await requireInternals()
})

const socket = { bufferedAmount: 0, readyState: 1, terminate() {}, _sender: { sendFrame() {} } }
const whole = { transport: { socket }, writeBuffer: [], request: null }
const { _sender: _, ...senderless } = socket
test.each<[string, object, string[]]>([
  ['nothing', whole, []],
  ['another transport', { ...whole, transport: {} }, ['_sender.sendFrame of ws']],
  ['another sender', { ...whole, transport: { socket: senderless } }, ['_sender.sendFrame of ws']],
  ['another queue', { ...whole, writeBuffer: new Map() }, ['writeBuffer of Engine.IO']],
  ['all of it', {}, ['_sender.sendFrame of ws', 'writeBuffer of Engine.IO', 'request of Engine.IO']],
])('of a Socket.IO that changed inside, what is missing is named: %s', (_name, conn, missing) => {
  expect(missingFrom({ conn })).toEqual(missing)
})
