// Project `lanterns`: a small puzzle game with a level browser, in JavaScript. One of its people writes Japanese.
import { bash, edit, grep, Project, Recorder, read, think, todo, write } from './recorder.mjs';

const SEARCH = `// Finds levels by what a player types.

/** Lower case, without accents, so that "Über" finds "uber". */
export function normalize(text) {
  return text.normalize('NFD').replace(/\\p{M}/gu, '').toLowerCase();
}

/** The words of a text. */
export function words(text) {
  return normalize(text).split(/[^a-z0-9]+/).filter(Boolean);
}

/** An index from each word to the levels that have it. */
export function buildIndex(levels) {
  const index = new Map();
  for (const level of levels) {
    for (const word of words(\`\${level.title} \${level.author} \${level.tags.join(' ')}\`)) {
      if (!index.has(word)) {
        index.set(word, new Set());
      }
      index.get(word).add(level.id);
    }
  }
  return index;
}

/** The ids of the levels that have every word of the query. */
export function searchLevels(index, query) {
  const sets = words(query).map((word) => index.get(word) ?? new Set());
  if (sets.length === 0) {
    return [];
  }
  const [smallest, ...others] = sets.sort((a, b) => a.size - b.size);
  return [...smallest].filter((id) => others.every((set) => set.has(id)));
}
`;

const BOARD = `// The board: paper lanterns that light their row and column until a wall.

export const EMPTY = 0;
export const WALL = 1;
export const LANTERN = 2;

export class Board {
  #cells;

  constructor(width, height, cells = new Uint8Array(width * height)) {
    this.width = width;
    this.height = height;
    this.#cells = cells;
  }

  at(x, y) {
    return x < 0 || y < 0 || x >= this.width || y >= this.height ? WALL : this.#cells[y * this.width + x];
  }

  place(x, y, kind) {
    this.#cells[y * this.width + x] = kind;
  }

  /** How many lanterns shine on a cell. */
  countLanternsSeenFrom(x, y) {
    let count = 0;
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      let [cx, cy] = [x + dx, y + dy];
      while (this.at(cx, cy) !== WALL) {
        if (this.at(cx, cy) === LANTERN) {
          count += 1;
        }
        cx += dx;
        cy += dy;
      }
    }
    return count;
  }

  /** Solved when every empty cell is lit and no lantern sees another. */
  isSolved() {
    for (let y = 0; y < this.height; y += 1) {
      for (let x = 0; x < this.width; x += 1) {
        const seen = this.countLanternsSeenFrom(x, y);
        if (this.at(x, y) === EMPTY && seen === 0) {
          return false;
        }
        if (this.at(x, y) === LANTERN && seen > 0) {
          return false;
        }
      }
    }
    return true;
  }
}
`;

/** The sessions of this project, oldest first. */
export function lanterns() {
  const project = new Project('/home/dev/projects/paper-lanterns', {
    'src/search.js': SEARCH,
    'src/board.js': BOARD,
    'src/main.js':
      "import { Board } from './board.js';\nimport { buildIndex, searchLevels } from './search.js';\n\nconst levels = await (await fetch('levels.json')).json();\nconst index = buildIndex(levels);\nconst field = document.querySelector('#search');\n\nfield.addEventListener('input', () => {\n  const found = searchLevels(index, field.value);\n  document.querySelector('#results').replaceChildren(...found.map(renderLevel));\n});\n\nfunction renderLevel(id) {\n  const level = levels.find((item) => item.id === id);\n  const item = document.createElement('li');\n  item.textContent = `${level.title} (${level.author})`;\n  item.addEventListener('click', () => open(new Board(level.width, level.height, Uint8Array.from(level.cells))));\n  return item;\n}\n",
  });

  const japanese = new Recorder(project, {
    name: 'lanterns-1',
    start: '2026-10-28T11:00:00Z',
    version: '2.1.39',
  })
    .title('日本語でレベルを検索できるようにする')
    .prompt(
      'レベルの検索機能が日本語のタイトルに対応していません。「提灯祭り」というレベルが「提灯」でも「祭り」でも見つかりません。原因を調べて直してください。',
    )
    .reply(
      think(
        'words() splits at everything outside a-z0-9, so Japanese text gives no words at all. Fix: for CJK use bigrams. Answer in Japanese.',
      ),
      '検索の実装を確認します。',
      read('src/search.js'),
    )
    .reply(
      '原因が分かりました。`words` は `a-z0-9` 以外の文字をすべて区切りとして扱うので、日本語のタイトルからは単語が一つも取り出されません。\n\n日本語には単語の間に空白がないため、二文字ずつの組（バイグラム）で索引を作る方法が簡単で確実です。「提灯祭り」は「提灯」「灯祭」「祭り」になり、どの部分でも検索できます。英語の検索はそのまま変わりません。',
      todo('[>] CJK の文字列をバイグラムに分ける', '[ ] 一文字の検索に対応する', '[ ] テストを書く'),
      edit(
        'src/search.js',
        '/** The words of a text. */\nexport function words(text) {\n  return normalize(text).split(/[^a-z0-9]+/).filter(Boolean);\n}',
        'const RUNS = /[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}ー]+|[\\p{L}\\p{N}]+/gu;\nconst CJK = /^[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}ー]/u;\n\n/** The words of a text. Scripts without spaces give each pair of neighbouring characters, and each single one. */\nexport function words(text) {\n  return (normalize(text).match(RUNS) ?? []).flatMap((run) => {\n    if (!CJK.test(run)) {\n      return [run];\n    }\n    const characters = [...run];\n    return [...characters, ...characters.slice(1).map((next, at) => characters[at] + next)];\n  });\n}',
      ),
      write(
        'tests/search.test.js',
        "import { expect, it } from 'vitest';\nimport { buildIndex, searchLevels } from '../src/search.js';\n\nconst levels = [\n  { id: 1, title: '提灯祭り', author: 'Aoi', tags: ['夏'] },\n  { id: 2, title: 'Über den Dächern', author: 'Jonas', tags: ['night'] },\n  { id: 3, title: '夏の夜', author: 'Aoi', tags: [] },\n];\nconst index = buildIndex(levels);\n\nit.each([\n  ['提灯', [1]],\n  ['祭り', [1]],\n  ['夏', [1, 3]],\n  ['夏の夜', [3]],\n  ['uber', [2]],\n  ['aoi 夏', [1, 3]],\n])('%s', (query, expected) => {\n  expect(searchLevels(index, query).sort()).toEqual(expected);\n});\n",
      ),
      bash(
        'npx vitest run',
        'テストを実行する',
        " FAIL  tests/search.test.js > 提灯祭り\n\n ❯ normalize: 'が' → 'か' (NFD separates the voiced sound mark and \\p{M} removes it)\n\n Tests  1 failed | 5 passed (6)",
        { fails: true },
      ),
    )
    .reply(
      think(
        'NFD splits が into か + U+3099 and the regex removes the mark, so が and か are the same. For German accents removal is wanted, for Japanese voiced marks not: exclude U+3099 and U+309A and recompose with NFC.',
      ),
      '`normalize` が濁点（U+3099）まで取り除くため、「が」と「か」が同じ文字になっていました。濁点と半濁点は残して、最後に NFC に戻します。',
      edit(
        'src/search.js',
        "  return text.normalize('NFD').replace(/\\p{M}/gu, '').toLowerCase();",
        "  // The voiced sound marks of kana are no accents: が is not か.\n  return text.normalize('NFKD').replace(/(?![\\u3099\\u309a])\\p{M}/gu, '').normalize('NFC').toLowerCase();",
      ),
      bash(
        'npx vitest run',
        'テストを実行する',
        ' ✓ tests/search.test.js (6)\n\n Tests  6 passed (6)\n Duration  287ms',
      ),
    )
    .reply(
      '修正しました。「提灯」でも「祭り」でも、一文字の「夏」でも検索できます。全角と半角の違いも NFKD で吸収されます。テストは六件とも成功しています。',
    )
    .turnEnds(88);

  const typing = new Recorder(project, {
    name: 'lanterns-2',
    start: '2026-11-15T19:42:00Z',
    version: '2.1.112',
  })
    .title('isSolved makes the game stutter on large boards')
    .prompt(
      'On 40x40 boards the game stutters when I drag a lantern. The profiler says isSolved. It is called on every mouse move. Can we do better than checking every cell each time?',
    )
    .reply(read('src/board.js'), grep('isSolved|countLanternsSeenFrom'))
    .reply(
      think(
        'isSolved walks four rays from every cell: O(w·h·(w+h)): 1600 × ~80 = 128k steps per mouse move, at 120 Hz 15M steps/s. Incremental: keep a count of lanterns that shine on each cell; placing a lantern walks only its own four rays: 80 steps. Keep counters darkCells and clashes so isSolved is O(1). Keep the slow one as an oracle in tests.',
      ),
      '`isSolved` walks four rays from *every* cell: on 40×40 that is about 128,000 steps per mouse move. A lantern only changes what its own row and column see, so the board can keep the light up to date as lanterns come and go:\n\n- `#light[cell]`: how many lanterns shine on it,\n- `#dark`: empty cells with light 0,\n- `#clashes`: lanterns with light above 0.\n\n`isSolved` is then `#dark === 0 && #clashes === 0`, and moving a lantern costs at most 160 steps. I keep the slow version in the tests, as the truth that the fast one is compared with on random boards.',
      edit(
        'src/board.js',
        '  place(x, y, kind) {\n    this.#cells[y * this.width + x] = kind;\n  }\n',
        '  place(x, y, kind) {\n    const before = this.at(x, y);\n    if (before === kind) {\n      return;\n    }\n    if (before === WALL || kind === WALL) {\n      // A wall changes what others see: editing is rare, so everything is counted again.\n      this.#cells[y * this.width + x] = kind;\n      this.#countAll();\n      return;\n    }\n    this.#forget(x, y);\n    this.#cells[y * this.width + x] = kind;\n    this.#remember(x, y);\n    const change = kind === LANTERN ? 1 : -1;\n    for (const [cx, cy] of this.#cellsSeenFrom(x, y)) {\n      this.#forget(cx, cy);\n      this.#light[cy * this.width + cx] += change;\n      this.#remember(cx, cy);\n    }\n  }\n',
      ),
      bash(
        'npx vitest run',
        'Run all tests',
        ' ❯ tests/board.test.js (1)\n   × the fast answer is the slow answer on 10,000 random boards\n     → seed 4417: board 3x1, after placing a wall beside a lantern: fast true, slow false\n\n Tests  1 failed | 6 passed (7)',
        { fails: true, seconds: 2.8 },
      ),
    )
    .reply(
      'Good that the random test exists: the constructor with given cells never counted anything, so a wall was the first time the light was right. The count belongs into the constructor as well.',
      edit(
        'src/board.js',
        '    this.#cells = cells;\n  }\n',
        '    this.#cells = cells;\n    this.#light = new Uint16Array(width * height);\n    this.#countAll();\n  }\n',
      ),
      edit(
        'src/board.js',
        '  /** Solved when every empty cell is lit and no lantern sees another. */\n  isSolved() {\n    for (let y = 0; y < this.height; y += 1) {\n      for (let x = 0; x < this.width; x += 1) {\n        const seen = this.countLanternsSeenFrom(x, y);\n        if (this.at(x, y) === EMPTY && seen === 0) {\n          return false;\n        }\n        if (this.at(x, y) === LANTERN && seen > 0) {\n          return false;\n        }\n      }\n    }\n    return true;\n  }\n',
        '  /** Solved when every empty cell is lit and no lantern sees another. */\n  isSolved() {\n    return this.#dark === 0 && this.#clashes === 0;\n  }\n\n  *#cellsSeenFrom(x, y) {\n    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {\n      for (let [cx, cy] = [x + dx, y + dy]; this.at(cx, cy) !== WALL; cx += dx, cy += dy) {\n        yield [cx, cy];\n      }\n    }\n  }\n\n  #remember(x, y) {\n    this.#tally(x, y, 1);\n  }\n\n  #forget(x, y) {\n    this.#tally(x, y, -1);\n  }\n\n  #tally(x, y, by) {\n    const light = this.#light[y * this.width + x];\n    if (this.at(x, y) === EMPTY && light === 0) {\n      this.#dark += by;\n    }\n    if (this.at(x, y) === LANTERN && light > 0) {\n      this.#clashes += by;\n    }\n  }\n\n  #countAll() {\n    this.#dark = 0;\n    this.#clashes = 0;\n    for (let y = 0; y < this.height; y += 1) {\n      for (let x = 0; x < this.width; x += 1) {\n        this.#light[y * this.width + x] = this.countLanternsSeenFrom(x, y);\n        this.#remember(x, y);\n      }\n    }\n  }\n',
      ),
      edit('src/board.js', '  #cells;\n', '  #cells;\n  #light;\n  #dark = 0;\n  #clashes = 0;\n'),
      read('src/board.js'),
      bash(
        'npx vitest run && node bench/drag.js',
        'Run all tests and the drag benchmark',
        ' ✓ tests/search.test.js (6)\n ✓ tests/board.test.js (1)\n\n Tests  7 passed (7)\n\ndrag on 40x40, 10,000 moves\n  before  4,212 ms\n  after      19 ms',
        { seconds: 7.5 },
      ),
    )
    .reply(
      'From 421 µs to under 2 µs per move, and the fast answer equals the slow one on 10,000 random boards. Dragging is smooth on 40×40 now.',
    )
    .turnEnds(171)
    .prompt('Lovely! Commit it as two commits please: search and board.', 60)
    .reply(
      bash(
        "git add src/search.js tests/search.test.js && git commit -qm 'Find levels by Japanese titles' && git add src/board.js tests/board.test.js && git commit -qm 'Keep the light of the board up to date' && git log --oneline -2",
        'Commit search and board separately',
        '8f2c1de Keep the light of the board up to date\n41b07aa Find levels by Japanese titles',
      ),
    )
    .reply('Two commits: `41b07aa` for the search, `8f2c1de` for the board.')
    .turnEnds(9);

  const resumed = new Recorder(project, {
    name: 'lanterns-3',
    start: '2026-11-18T20:05:00Z',
    version: '2.0.76',
  })
    .summary('Light of the board is kept up to date while dragging', typing)
    .prompt('Where did we leave the drag benchmark, and how do I run it?')
    .reply(
      grep('drag'),
      bash(
        'ls bench && head -3 bench/drag.js',
        'Look at the benchmark',
        'drag.js\n// Moves one lantern over a 40x40 board, 10,000 times.\n// Run: node bench/drag.js',
      ),
    )
    .reply(
      'It is `bench/drag.js`; run it with `node bench/drag.js`. Last numbers: 4,212 ms before, 19 ms after the change.',
    )
    .turnEnds(6);

  return [japanese, typing, resumed];
}
