/**
 * Bytes of a body, or of an answer, from which a connection is not read or filled any further. Node reads up to 64 kB at
 * a time: with its own mark of 64 kB each body that waits would hold two such pieces instead of one.
 */
export const highWaterMark = 16 * 1024
