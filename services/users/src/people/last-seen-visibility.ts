import type { Contacts } from './contacts.ts'
import { toPreferences } from './preferences.ts'

interface Hiding {
  id: string
  preferences: unknown
}

/** Of these people, those who let `viewerId` know when they were last seen. */
export async function findShowing(
  { contacts }: { contacts: Contacts },
  viewerId: string,
  people: readonly Hiding[],
): Promise<ReadonlySet<string>> {
  const choosing = (choice: string) =>
    people.filter(({ preferences }) => toPreferences(preferences).lastSeen === choice).map(({ id }) => id)
  const forContacts = await contacts.contactOf(viewerId, choosing('contacts'))
  return new Set([...choosing('everyone'), ...forContacts])
}
