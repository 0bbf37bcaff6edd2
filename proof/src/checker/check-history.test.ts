import { expect, test } from 'vitest'
import { toMark } from '../devices/flight-recorder.ts'
import type { RunHistory } from '../history/history.ts'
import { checkHistory } from './check-history.ts'
import {
  acknowledged,
  busiest,
  forget,
  found,
  mutated,
  pushToOneWhoHadIt,
  recorded,
  saidAfterRemoval,
} from './mutate-history.ts'

test('the history of a good run shows no promise broken', () => {
  expect(checkHistory(recorded())).toEqual([])
})

test('a message that was acknowledged and is nowhere is lost', () => {
  let id = ''
  const { kinds, whats } = mutated((history) => {
    id = found(
      history.devices.flatMap(({ sends }) => sends).find(({ acknowledgedAt }) => acknowledgedAt !== null),
    ).id
    forget(history, id)
  })
  expect(kinds).toContain('lost')
  expect(kinds).toContain('hole in seq')
  expect(whats).toContain(id)
})

test('a message that one device does not show is lost on that device', () => {
  const { kinds, whats } = mutated(({ devices }) => {
    const chat = found(devices[0]?.view.messages.find(({ shown }) => shown.length > 2))
    chat.shown.splice(1, 1)
  })
  expect([...kinds]).toEqual(['lost'])
  expect(whats).toMatch(/is not shown in .* on d0/)
})

test('a message that was sent once and stored twice is doubled', () => {
  const { kinds } = mutated((history) => {
    const { messages, events } = busiest(history)
    const twin = found(messages.find(({ text, forwardOf, isEdited }) => text && !forwardOf && !isEdited))
    const id = '01b00000-0000-7000-8000-000000000000'
    messages.push({ ...twin, id, seq: messages.length + 1 })
    events.push({ version: events.length + 1, type: 'message.created', messageId: id, userIds: [] })
  })
  expect(kinds).toContain('doubled')
})

test('a message that a device shows twice is doubled', () => {
  const { kinds, whats } = mutated(({ devices }) => {
    const { shown } = found(devices[0]?.view.messages.find((chat) => chat.shown.length > 2))
    shown.splice(1, 0, found(shown[0]))
  })
  expect([...kinds]).toEqual(['doubled'])
  expect(whats).toContain('shown twice')
})

test('two messages of one device that stand the other way round are reordered', () => {
  const { kinds, whats } = mutated((history) => {
    const [first, second] = found(
      history.devices
        .flatMap((device) => history.conversations.map(({ id }) => acknowledged(device, id)))
        .find((sends) => sends.length > 1),
    )
    const all = history.conversations.flatMap(({ messages }) => messages)
    const [one, other] = [
      found(all.find(({ id }) => id === first?.id)),
      found(all.find(({ id }) => id === second?.id)),
    ]
    ;[one.seq, other.seq] = [other.seq, one.seq]
  })
  expect(kinds).toContain('reordered')
  expect(whats).toMatch(/sent .* before .*, and they are seq/)
})

test('messages that a device shows the other way round are reordered', () => {
  const { kinds } = mutated(({ devices }) => {
    const { shown } = found(devices[0]?.view.messages.find((chat) => chat.shown.length > 2))
    shown.push(...shown.splice(0, 1))
  })
  expect([...kinds]).toEqual(['reordered'])
})

test('a text that came to somebody who never took part is leaked, live or in a notification', () => {
  const outside = (history: RunHistory) => {
    const { messages, participants } = found(
      history.conversations.find(
        (one) => one.participants.length === 2 && one.messages.some(({ text }) => text),
      ),
    )
    const inside = new Set(participants.map(({ userId }) => userId))
    const device = found(history.devices.find(({ userId, pushId }) => pushId && !inside.has(userId)))
    const { number } = found(
      history.texts.find(({ messageId }) => messages.some(({ id }) => id === messageId)),
    )
    return { device, number }
  }
  const live = mutated((history) => {
    const { device, number } = outside(history)
    device.heard.push([number, 5_000])
  })
  expect([...live.kinds]).toEqual(['leaked'])
  const notified = mutated((history) => {
    const { device, number } = outside(history)
    const push = { pushId: found(device.pushId), at: 5_000, type: 'test', conversationId: null, seq: null }
    history.pushes?.sent.push({ ...push, texts: [number] })
  })
  expect([...notified.kinds]).toEqual(['leaked'])
})

test('what was said after somebody was removed is leaked if it comes to them all the same', () => {
  const { kinds, whats } = mutated((history) => {
    const { conversation, userId, messageId } = saidAfterRemoval(history)
    const device = found(history.devices.find((one) => one.userId === userId))
    history.texts.push({
      number: 90_000_000,
      messageId,
      userId: found(conversation.participants[0]).userId,
      by: 'send',
    })
    device.heard.push([90_000_000, 9_000])
  })
  expect([...kinds]).toEqual(['leaked'])
  expect(whats).toContain('90000000')
})

test('a hole and a twin in seq or version are named', () => {
  const holed = mutated((history) => {
    for (const message of busiest(history).messages.slice(2)) message.seq += 1
    busiest(history).lastSeq += 1
  })
  expect(holed.kinds).toContain('hole in seq')
  const twin = mutated((history) => {
    const { events } = busiest(history)
    found(events[2]).version = found(events[1]).version
  })
  expect(twin.kinds).toContain('version twin')
  expect(twin.kinds).toContain('hole in version')
  const seqTwin = mutated((history) => {
    const { messages } = busiest(history)
    found(messages[2]).seq = found(messages[1]).seq
  })
  expect(seqTwin.kinds).toContain('seq twin')
})

test('a message that no event told is a hole in version', () => {
  const { kinds, whats } = mutated((history) => {
    const { events } = busiest(history)
    found(events.find(({ messageId }) => messageId)).messageId = null
  })
  expect(kinds).toContain('hole in version')
  expect(whats).toContain('did not come by one event')
})

test('an edit that a device has not got is a view that differs', () => {
  const { kinds, whats } = mutated(({ devices }) => {
    const edited = found(
      devices
        .flatMap(({ view }) => view.messages.flatMap(({ kept }) => kept))
        .find(({ editedAt }) => editedAt),
    )
    edited.text = `${toMark(1)} as it was before`
  })
  expect([...kinds]).toEqual(['view differs'])
  expect(whats).toContain('as it was before')
})

test('an acknowledged edit or deletion that is gone is a change undone', () => {
  const edit = mutated((history) => {
    const change = found(
      history.changes.find(({ kind, acknowledgedAt }) => kind === 'edit' && acknowledgedAt !== null),
    )
    for (const { messages } of history.conversations) {
      for (const message of messages)
        if (message.id === change.subject) message.text = `${toMark(2)} as it was`
    }
  })
  expect(edit.kinds).toContain('change undone')
  const deletion = mutated((history) => {
    const change = found(
      history.changes.find(({ kind, acknowledgedAt }) => kind === 'delete' && acknowledgedAt !== null),
    )
    for (const { messages } of history.conversations) {
      for (const message of messages) if (message.id === change.subject) message.isDeleted = false
    }
  })
  expect(deletion.kinds).toContain('change undone')
})

test('a marker that goes back is named, on a device and in the database', () => {
  const onDevice = mutated(({ devices }) => {
    found(devices[1]?.markers.flatMap(({ rows }) => rows).find((row) => row.length > 2)).push(0, 0)
  })
  expect([...onDevice.kinds]).toEqual(['marker went back'])
  const stored = mutated(({ conversations }) => {
    const { samples } = found(
      conversations.flatMap(({ participants }) => participants).find((one) => one.samples.length > 0),
    )
    found(samples[0]).unshift(1_000, 1_000)
  })
  expect([...stored.kinds]).toEqual(['marker went back'])
})

test('an unread count that is not what is counted anew has drifted', () => {
  const { kinds } = mutated(({ conversations }) => {
    found(conversations.flatMap(({ participants }) => participants).find(({ hasLeft }) => !hasLeft)).unread +=
      1
  })
  expect([...kinds]).toEqual(['unread drifted'])
})

test('a device that was off and was not notified is named, and one that was notified of what it had', () => {
  const missing = mutated(({ pushes }) => {
    pushes?.sent.splice(0)
  })
  expect([...missing.kinds]).toEqual(['push missing'])
  const needless = mutated((history) => {
    history.pushes?.sent.push(pushToOneWhoHadIt(history))
  })
  expect([...needless.kinds]).toEqual(['push needless'])
  expect(needless.whats).toContain('which it had acknowledged')
})

test('a device that has a message and never says so is named when it is notified', () => {
  const { kinds, whats } = mutated((history) => {
    history.pushes?.sent.push(pushToOneWhoHadIt(history))
    for (const device of history.devices) device.told = []
  })
  expect([...kinds]).toEqual(['push needless'])
  expect(whats).toContain('which it had and did not acknowledge')
})
