import { expect, test } from 'vitest'
import { createFrameSplitter } from './split-frames.ts'
import { watchAcknowledgements } from './watch-acknowledgements.ts'

function watched() {
  const told: [string, number][] = []
  return { told, watch: watchAcknowledgements((id, seq) => told.push([id, seq])) }
}

test('a marker counts once the server has answered, whatever else is asked meanwhile', () => {
  const { told, watch } = watched()
  watch.asked('427["delivered",{"conversationId":"c","seq":3}]')
  watch.asked('428["typing",{"conversationId":"c","active":true}]')
  watch.asked('429["read",{"conversationId":"c","seq":4}]')
  watch.answered('438[{"ok":true}]')
  watch.answered('437[{"ok":true}]')
  watch.answered('439[{"ok":false,"error":{}}]')
  expect(told).toEqual([['c', 3]])
})

test('a marker by REST counts once it was answered well', () => {
  const { told, watch } = watched()
  watch.askedByCall(Buffer.from('POST /v1/conversations/c-1/delivered HTTP/1.1\r\nHost: x\r\n\r\n{"seq":5}'))
  watch.answeredByCall(Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'))
  watch.askedByCall(Buffer.from('POST /v1/conversations/c-1/read HTTP/1.1\r\nHost: x\r\n\r\n'))
  watch.askedByCall(Buffer.from('{"seq":6}'))
  watch.answeredByCall(Buffer.from('HTTP/1.1 503 Service Unavailable\r\n\r\n'))
  expect(told).toEqual([['c-1', 5]])
})

test('frames of a client are read through their mask, in whatever pieces they come', () => {
  const text = '42["read",{}]'
  const mask = Buffer.from([1, 2, 3, 4])
  const payload = Buffer.from(text).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  const frame = Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload])
  const split = createFrameSplitter()
  const found = [...frame, ...frame].flatMap((byte) => split(Buffer.from([byte])))
  expect(found.map((one) => one.text)).toEqual([text, text])
})
