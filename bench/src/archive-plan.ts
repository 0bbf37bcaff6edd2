import { newId } from '@finnigram/contracts'

import { type Random, seededRandom, zipf } from './random.ts'

/**
 * The small words of a language, commonest first; what follows them in a language's frequency list
 * is made up.
 */
const small = {
  en: 'the to and of a in is that for you it on with as are be this was have at or from not by they we an can all will one if do so but what there when out up time see just know get like no my me more about now how our then',
  de: 'die der und in zu den das nicht von sie ist des sich mit dem dass er es ein ich auf so eine auch als an nach wie im für man aber aus durch wenn nur war noch werden bei hat wir was wird sein einen welche sind oder zur um haben',
  fr: 'de la le et les des en un du une que est pour qui dans par plus pas au sur ne se ce il sont avec son nous comme mais ou si leur elle je tout bien fait sans être deux aussi même faire peut entre où',
  es: 'de la que el en los se del las un por con no una su para es al lo como más pero sus le ha me si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde',
  ru: 'и в не на я быть он с что а по это она этот к но они мы весь который из у то за свой от так о для ты же все тот мочь вы человек такой его сказать только или ещё бы себя один как уже до время если',
  pt: 'de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele das seu sua ou quando muito nos já eu também só pelo pela até isso ela entre depois sem mesmo aos seus quem nas',
} as const
const syllables = {
  latin:
    'ba be bo da de di fa fe ga ge ha he ka ke ko la le li lo ma me mi mo na ne no pa pe po ra re ri ro sa se si so ta te ti to va ve vi vo za ze schal berg stein mont vil land ring ford ton wick tion ment ness able'.split(
      ' ',
    ),
  cyrillic:
    'ба бе бо да де ди ва ве го ка ке ко ла ле ли ло ма ме ми мо на не но па пе по ра ре ри ро са се си со та те ти то за зе ник ство ость ать'.split(
      ' ',
    ),
}
const hanzi =
  '的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从'
const kana =
  'のにはをたがでてとしれさあるいもすることからなこうよりくまきつそどけみんだやおねちらわえめばじびぶげ日本人大学生時間今年会社東京電話'

const languages = ['en', 'de', 'fr', 'es', 'ru', 'pt', 'zh', 'ja'] as const
type ArchiveLanguage = (typeof languages)[number]

/** Words of a made-up vocabulary, longer for rarer ones. */
const madeUp = 30_000

/** The vocabulary of a language, commonest first; of Chinese and Japanese, their characters. */
function vocabularyOf(language: ArchiveLanguage, random: Random): string[] {
  if (language === 'zh') return Array.from(hanzi)
  if (language === 'ja') return Array.from(kana)
  const parts = language === 'ru' ? syllables.cyrillic : syllables.latin
  const pick = () => parts[Math.floor(random() * parts.length)] ?? ''
  const rare = Array.from({ length: madeUp }, (_, rank) =>
    Array.from({ length: 2 + Math.min(2, Math.floor(Math.log10(1 + rank) / 1.5)) }, pick).join(''),
  )
  return [...small[language].split(' '), ...rare]
}

/** Whether words are written with spaces between them. */
const isSpaced = (language: ArchiveLanguage): boolean => language !== 'zh' && language !== 'ja'

export interface ArchiveSize {
  messages: number
  conversations: number
}

export interface PlannedConversation {
  id: string
  language: ArchiveLanguage
  topic: number
  people: string[]
  /** How many messages it has by now. */
  count: number
}

export interface PlannedMessage {
  conversation: PlannedConversation
  seq: number
  senderId: string
  text: string
  hasLink: boolean
  file: string | undefined
}

/** Half of the conversations are in English. */
const shares: Record<ArchiveLanguage, number> = {
  en: 0.5,
  de: 0.1,
  fr: 0.08,
  es: 0.08,
  ru: 0.08,
  pt: 0.04,
  zh: 0.08,
  ja: 0.04,
}
const topics = 20
/** Words that a topic's conversations use in one message of twenty, and others never. */
export const topicWord = (topic: number): string => `topic${'abcdefghijklmnopqrst'.charAt(topic)}ish`
/** A word that is once in the archive for every number. */
export const rareWord = (number: number): string => `unikum${number.toString(36)}quark`
/** One message in so many has such a word. */
const rareEvery = 1000

/** The conversations of an archive, the busiest first. */
export function planConversations({ conversations }: ArchiveSize): PlannedConversation[] {
  const random = seededRandom(1)
  const people = Array.from({ length: 2000 }, newId)
  const pick = () => people[Math.floor(random() * people.length)] ?? ''
  return Array.from({ length: conversations }, (_, i) => ({
    id: newId(),
    language: languageAt(random()),
    topic: i % topics,
    people: [...new Set(Array.from({ length: 2 + Math.floor(random() * 8) }, pick))],
    count: 0,
  }))
}

function languageAt(share: number): ArchiveLanguage {
  let sum = 0
  for (const language of languages) {
    sum += shares[language]
    if (sum > share) return language
  }
  return 'en'
}

/** The messages of an archive in the order they are said: words and conversations by Zipf's law. */
export function* planMessages(
  { messages }: ArchiveSize,
  conversations: readonly PlannedConversation[],
): Generator<PlannedMessage> {
  const random = seededRandom(2)
  const nextConversation = zipf(conversations.length, random, 5)
  const say = Object.fromEntries(languages.map((language) => [language, speaker(language, random)]))
  for (let i = 0; i < messages; i += 1) {
    const conversation = conversations[nextConversation()]
    if (!conversation) return
    conversation.count += 1
    const hasLink = random() < 0.05
    const words = [say[conversation.language]?.() ?? '']
    if (random() < 0.05) words.push(topicWord(conversation.topic))
    if (hasLink) words.push(`https://example.com/${Math.floor(random() * 1e6).toString(36)}?page=${i % 97}`)
    if (i % rareEvery === 0) words.push(rareWord(i / rareEvery))
    yield {
      conversation,
      seq: conversation.count,
      senderId: conversation.people[Math.floor(random() ** 2 * conversation.people.length)] ?? '',
      text: words.join(' '),
      hasLink,
      file: random() < 0.02 ? `Report_${i % 500}_final.pdf` : undefined,
    }
  }
}

/** Says one message of 1 to some 40 words. */
function speaker(language: ArchiveLanguage, random: Random): () => string {
  const vocabulary = vocabularyOf(language, random)
  const next = zipf(vocabulary.length, random)
  const mean = isSpaced(language) ? 9 : 18
  const separator = isSpaced(language) ? ' ' : ''
  return () => {
    const length = 1 + Math.min(4 * mean, Math.floor(-Math.log(1 - random()) * mean))
    return Array.from({ length }, () => vocabulary[next()] ?? '').join(separator)
  }
}
