/** A symbol such as © is text unless a variation selector, a skin tone or a joiner makes it a picture (UTS #51, 2.3). */
const firstPart =
  '(?:(?!\\p{Regional_Indicator})\\p{Emoji_Presentation}(?:\\uFE0F|\\p{Emoji_Modifier})?|\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier}|(?=\\u200D)))'
const furtherPart = '\\u200D\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier})?'
const onePicture = `(?:${firstPart}[\\u{E0020}-\\u{E007F}]*(?:${furtherPart})*|\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F?\\u20E3)`
const fewPictures = new RegExp(`^${onePicture}(?: ?${onePicture}){0,2}$`, 'u')

/** One to three emoji and nothing else: shown large, without a bubble. */
export function isEmojiOnly(text: string): boolean {
  return text.length <= 100 && fewPictures.test(text.trim())
}
