import type { PlannedConversation } from './archive-plan.ts'
import type { Person } from './person.ts'

/** Who is in many conversations is in none of this topic and in none in these languages. */
export const foreign = { topic: 7, languages: ['es', 'ru'] }

/** A filled archive, and three people who read it: in one conversation (the busiest), in 500, in all. */
export interface Archive {
  one: Reader
  many: Reader
  all: Reader
}

export interface Reader {
  person: Person
  conversations: PlannedConversation[]
}
