/** A start that cannot go on. The message is one sentence for the person at the keyboard: what is wrong and what to do. */
export class StartFailure extends Error {
  override name = 'StartFailure'
}
