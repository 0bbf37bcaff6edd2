import { expect, test } from 'vitest'
import { createTopics } from './subscriptions.ts'

test('a listener is notified of its key only, until it unsubscribes', () => {
  const topics = createTopics()
  const heard: string[] = []
  const stop = topics.of('a').subscribe(() => heard.push('a'))
  topics.of('b').subscribe(() => heard.push('b'))
  topics.publish('a')
  topics.publish('nobody')
  stop()
  stop()
  topics.publish('a')
  topics.publishAll()
  expect(heard).toEqual(['a', 'b'])
  expect(topics.of('a').listeners).toBe(0)
})

test('the same function may listen twice, and stop once', () => {
  const topics = createTopics()
  let heard = 0
  const listener = () => {
    heard += 1
  }
  const stop = topics.of('a').subscribe(listener)
  topics.of('a').subscribe(listener)
  topics.publish('a')
  stop()
  topics.publish('a')
  expect(heard).toBe(3)
})

test('a listener may unsubscribe another one while both are notified', () => {
  const topics = createTopics()
  const heard: string[] = []
  topics.of('a').subscribe(() => {
    heard.push('first')
    stop()
  })
  const stop = topics.of('a').subscribe(() => heard.push('second'))
  topics.publish('a')
  topics.publish('a')
  expect(heard.filter((who) => who === 'first').length).toBe(2)
})
