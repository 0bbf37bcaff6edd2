/** Names the direct conversation of two people, whoever of them asks. */
export const pairKeyOf = (one: string, other: string): string => [one, other].sort().join(':')
