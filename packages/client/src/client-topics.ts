import { createTopic, type Topic } from './topic.ts'
import { createTopics, type Topics } from './topics.ts'

/** Who is told of what. They outlive a session, so that screens subscribe once. */
export interface ClientTopics {
  connection: Topic
  conversations: Topic
  invitations: Topic
  presence: Topic
  people: Topic
  /** By conversation. */
  messages: Topics
  /** By conversation. */
  typing: Topics
  publishAll(): void
}

export function createClientTopics(): ClientTopics {
  const single = {
    connection: createTopic(),
    conversations: createTopic(),
    invitations: createTopic(),
    presence: createTopic(),
    people: createTopic(),
  }
  const keyed = { messages: createTopics(), typing: createTopics() }
  return {
    ...single,
    ...keyed,
    publishAll() {
      for (const topic of Object.values(single)) topic.publish()
      for (const topics of Object.values(keyed)) topics.publishAll()
    },
  }
}
