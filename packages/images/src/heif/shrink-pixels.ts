interface Pixels {
  /** RGBA, a byte each. */
  data: Uint8Array
  /** Bytes of a row. */
  stride: number
  width: number
  height: number
}

/**
 * A picture made smaller by a whole number: each pixel is the mean of a square. What is left over
 * at the right and the bottom is not counted.
 */
export function shrinkPixels(
  { data, stride, width, height }: Pixels,
  by: number,
): { pixels: Uint8Array<ArrayBuffer>; shrunkWidth: number; shrunkHeight: number } {
  const shrunkWidth = Math.max(1, Math.floor(width / by))
  const shrunkHeight = Math.max(1, Math.floor(height / by))
  const pixels = new Uint8Array(shrunkWidth * shrunkHeight * 4)
  const sums = new Uint32Array(shrunkWidth * 4)
  const rows = Math.min(by, height)
  const columns = Math.min(by, width)
  for (let y = 0; y < shrunkHeight; y += 1) {
    sums.fill(0)
    for (let row = 0; row < rows; row += 1) {
      let at = (y * by + row) * stride
      for (let x = 0; x < sums.length; x += 4) {
        for (let column = 0; column < columns; column += 1, at += 4) {
          for (let part = 0; part < 4; part += 1)
            sums[x + part] = (sums[x + part] ?? 0) + (data[at + part] ?? 0)
        }
      }
    }
    for (let i = 0; i < sums.length; i += 1) {
      pixels[y * sums.length + i] = Math.round((sums[i] ?? 0) / (rows * columns))
    }
  }
  return { pixels, shrunkWidth, shrunkHeight }
}
