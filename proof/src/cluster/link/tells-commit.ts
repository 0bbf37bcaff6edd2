/** PostgreSQL's ReadyForQuery outside of a transaction ends what it answers when something was committed (or only read). */
const readyAndIdle = Buffer.from([0x5a, 0, 0, 0, 5, 0x49])

/** Whether bytes of a PostgreSQL server say that what was asked is done and no transaction is open. */
export function tellsCommit(bytes: Buffer): boolean {
  return bytes.subarray(-readyAndIdle.length).equals(readyAndIdle)
}
