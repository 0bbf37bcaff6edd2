import { wordLetter } from './searchable-text.ts'

const words = new RegExp(`${wordLetter}+`, 'gv')

/** A word where it stands in a text. */
export interface PlacedWord {
  /** In small letters, with its accents. */
  word: string
  start: number
  end: number
}

/** The words of a text in scripts that put something between them. */
export const placedWords = (text: string): PlacedWord[] =>
  Array.from(text.matchAll(words), ({ 0: word, index }) => ({
    word: word.normalize('NFC').toLowerCase(),
    start: index,
    end: index + word.length,
  }))

/** The same without their places. */
export const wordsOf = (text: string): string[] => placedWords(text).map(({ word }) => word)
