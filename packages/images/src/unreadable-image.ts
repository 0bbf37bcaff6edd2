/** The bytes are no raster image that is safe to open: of another type, damaged, cut off, or too large once decoded. */
export class UnreadableImage extends Error {
  override readonly name = 'UnreadableImage'
}
