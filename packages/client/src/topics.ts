import { createTopic, type Topic } from './topic.ts'

/** Topics by key, made when first asked for: whoever watches one conversation is not woken by another. */
export interface Topics {
  of(key: string): Topic
  publish(key: string): void
  publishAll(): void
}

export function createTopics(): Topics {
  const topics = new Map<string, Topic>()
  return {
    of(key) {
      const known = topics.get(key) ?? createTopic()
      topics.set(key, known)
      return known
    },
    publish: (key) => topics.get(key)?.publish(),
    publishAll() {
      for (const topic of [...topics.values()]) topic.publish()
    },
  }
}
