/** What a promise that was not kept is called. */
export type ViolationKind =
  | 'lost'
  | 'refused'
  | 'doubled'
  | 'reordered'
  | 'leaked'
  | 'hole in seq'
  | 'seq twin'
  | 'hole in version'
  | 'version twin'
  | 'answer differs'
  | 'view differs'
  | 'change undone'
  | 'marker went back'
  | 'unread drifted'
  | 'push missing'
  | 'push needless'
  | 'glitch'
  | 'never caught up'
  | 'crash'

/** A promise that was not kept, in a sentence. */
export interface Violation {
  kind: ViolationKind
  what: string
}
