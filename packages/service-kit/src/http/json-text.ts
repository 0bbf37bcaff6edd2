/** A reply body that is JSON already, sent as it is: nothing is parsed and written again. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}
