const onePicture =
  '(?:\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier})?[\\u{E0020}-\\u{E007F}]*(?:\\u200D\\p{Extended_Pictographic}(?:\\uFE0F|\\p{Emoji_Modifier})?)*|\\p{Regional_Indicator}{2}|[0-9#*]\\uFE0F?\\u20E3)'
const fewPictures = new RegExp(`^${onePicture}(?: ?${onePicture}){0,2}$`, 'u')

/** One to three emoji and nothing else: shown large, without a bubble. */
export function isEmojiOnly(text: string): boolean {
  return text.length <= 100 && fewPictures.test(text.trim())
}
