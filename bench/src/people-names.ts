/**
 * First and family names as they are common in a few parts of the world, each list the most common
 * first.
 */
interface Region {
  /** Out of 100 people. */
  share: number
  first: string[]
  family: string[]
  /** Latin stand-ins for the username, where the names are written otherwise. */
  latin?: string[]
  /** The family name comes first, without a space. */
  isUnspaced?: boolean
}

const words = (text: string) => text.split(' ')
const consonants = words('b d f g h k l m n p r s t v z br tr st kr gr ch sh th')
const vowels = words('a e i o u a e i o ai ou')
const endings = words('er son man berg field ton ley ova ini sen ez aux ic ski')

/** Rare names, made up of syllables: half of all people have one that few others have. */
const rare = (pick: () => number) => {
  const part = (list: string[]) => list[Math.floor(pick() * list.length)] ?? ''
  const text = part(consonants) + part(vowels) + part(consonants) + part(vowels) + part(endings)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const regions: Region[] = [
  {
    share: 42,
    first: words(
      'James Mary John Patricia Robert Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Charles Karen Anna Daniel Emma Lucas Sophie Maria Peter Julia Martin Laura Paul Nina Felix Clara Oliver Alice Henry Grace Jack Lily Alexander Charlotte Samuel Amelia Benjamin Mia Adam Eva Simon Hannah',
    ),
    family: words(
      'Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Thomas Moore Martin Jackson Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Green Baker Adams Nelson Carter Mitchell Roberts Turner Phillips Campbell Parker Evans Edwards Collins Stewart Morris Murphy Cook Rogers Morgan Cooper Reed Bailey Bell',
    ),
  },
  {
    share: 20,
    first: words(
      'José María Antonio Carmen Juan Ana Manuel Isabel Luís Françoise André Zoë Jürgen Günther Björn Søren Åsa Łukasz Małgorzata Zbigniew Čeněk Željko Ömer Gülşen İbrahim Đorđe René Chloé Noël Inés Andrés Sofía Nicolás Lucía Matías João Inês Gonçalo Thảo Nguyệt',
    ),
    family: words(
      'García Fernández González Rodríguez López Martínez Sánchez Pérez Gómez Müller Schröder Jäger Krüger Lefèvre Bélanger Gagné Côté Nuñez Ibáñez Kowalski Wójcik Dąbrowski Novák Dvořák Horváth Kovačević Yılmaz Öztürk Şahin Nguyễn Trần Lê Phạm Ångström Østergård Sørensen Þórsson Conceição Araújo Guimarães',
    ),
  },
  {
    share: 12,
    first: words(
      'Иван Анна Мария Дмитрий Екатерина Алексей Ольга Сергей Наталья Михаил Татьяна Андрей Елена Николай Ирина Олександр Юлія Тарас',
    ),
    family: words(
      'Иванов Смирнова Петров Кузнецов Попова Соколов Лебедева Козлов Новиков Морозова Волков Соловьёв Васильева Зайцев Павлов Шевченко Коваленко',
    ),
    latin: words(
      'ivan anna maria dmitri katya alexey olga sergey natasha misha tanya andrei lena kolya irina',
    ),
  },
  {
    share: 12,
    isUnspaced: true,
    first: words(
      '伟 芳 娜 秀英 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀兰 霞 平 刚 桂英 子轩 雨桐 浩然 欣怡',
    ),
    family: words('王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 高 林 罗 郑 梁 欧阳 司马'),
    latin: words('wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo'),
  },
  {
    share: 5,
    isUnspaced: true,
    first: words('太郎 花子 健太 美咲 翔太 さくら 大輔 陽菜 拓也 結衣 サトシ ユキ'),
    family: words('佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田'),
    latin: words('sato suzuki takahashi tanaka ito watanabe yamamoto nakamura'),
  },
  {
    share: 3,
    isUnspaced: true,
    first: words('민준 서연 도윤 지우 예준 서현 시우 하은 지민 철수 영희'),
    family: words('김 이 박 최 정 강 조 윤 장 임'),
    latin: words('kim lee park choi jung kang cho yoon'),
  },
  {
    share: 3,
    first: words('محمد فاطمة أحمد عائشة علي خديجة عمر مريم يوسف زينب'),
    family: words('الحسن العلي إبراهيم حسين عبدالله الخطيب منصور صالح'),
    latin: words('mohamed fatima ahmed aisha ali omar yusuf'),
  },
  {
    share: 3,
    first: words('राहुल प्रिया अमित सुनीता विजय अनीता संजय पूजा'),
    family: words('शर्मा वर्मा सिंह कुमार गुप्ता पटेल यादव मिश्रा'),
    latin: words('rahul priya amit sunita vijay anita sanjay pooja'),
  },
]

export interface NamedPerson {
  username: string
  displayName: string
}

/**
 * A number generator that always tells the same (mulberry32), so that two runs search the same
 * people.
 */
export function seededNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * The `number`-th of a crowd with the usual share of common names (the square favours the first of
 * each list).
 */
export function namePerson(number: number, pick: () => number): NamedPerson {
  const common = (list: string[]) => list[Math.floor(pick() ** 2 * list.length)] ?? ''
  const region = regionOf(pick() * 100)
  const isRare = !region.latin && pick() < 0.5
  const first = common(region.first)
  const family = isRare ? rare(pick) : common(region.family)
  const latin = plain(region.latin ? common(region.latin) : `${first}_${family}`)
  const displayName = region.isUnspaced ? family + first : `${first} ${family}`
  return { username: `${latin.slice(0, 24)}${pick() < 0.5 ? '.' : ''}${number}`, displayName }
}

function regionOf(place: number): Region {
  let passed = 0
  for (const region of regions) {
    passed += region.share
    if (place < passed) return region
  }
  throw new RangeError('The shares are less than 100')
}

const plain = (name: string) =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ł/g, 'l')
    .replace(/ø/g, 'o')
    .replace(/đ/g, 'd')
    .replace(/þ/g, 'th')
    .replace(/ı/g, 'i')
    .replace(/[^a-z_]/g, '')
