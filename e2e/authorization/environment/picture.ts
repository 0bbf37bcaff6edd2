/** A small picture (PNG, 96 × 64) as a client sends it. */
export const picture = {
  bytes: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAGAAAABACAMAAADS6oI8AAAAA1BMVEXIWhRiSJuBAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAAHUlEQVRYhe3BMQEAAADCoPVP7W0HoAAAAAAAADoDGEAAAfqFQdcAAAAASUVORK5CYII=',
    'base64',
  ),
  headers: { 'content-type': 'image/png' },
}
