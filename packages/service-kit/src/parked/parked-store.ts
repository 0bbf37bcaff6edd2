/** Something that kept failing and was set aside. */
export interface ParkedItem {
  kind: string
  id: string
  /** What it is, in words; none of what people wrote. */
  what: string
  /** What went wrong the last time. */
  reason: string
  /** When it was parked. */
  at: string
}

/** What is parked of one kind. */
export interface ParkedStore {
  readonly kind: string
  count(): Promise<number>
  /** The oldest first. */
  list(most: number): Promise<ParkedItem[]>
  /** Tries again; false where there is none of that id. Throws what went wrong, if that is known at once: then it stays. */
  retry(id: string): Promise<boolean>
  /** Forgets it for good; false where there is none of that id. */
  drop(id: string): Promise<boolean>
}
