/** Groups that people who are no contacts may put somebody into, without asking, in a day; times `RATE_LIMIT_SCALE`. */
export const strangersGroupsAtMost = 20
/** Invitations that wait for one person, at most: by anyone, and by people who are no contacts. */
export const waitingAtMost = 200
export const waitingOfStrangersAtMost = 100
/** Invitations of one stranger to one person that wait, or were declined in the last 30 days. */
export const unansweredAtMost = 10
/** Invitations that one person sends in a day; times `RATE_LIMIT_SCALE`. */
export const invitationsPerDay = 1000
/** A group asks again this many days after it was declined, and after it was withdrawn. */
export const daysAfterDeclined = 30
export const daysAfterWithdrawn = 1
