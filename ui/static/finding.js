// Finds choices by the beginnings of their words, in any order and script; text is folded as the server does for its search.
const UNIFIED = {
  "\u0671": "\u0627", "\u0649": "\u064a", "\u06cc": "\u064a", "\u06d0": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647",
  "\u0640": "", "\u200c": "", "\u200d": "", "\u00df": "ss", "\u03c2": "\u03c3",
};
const ARTICLES = /^(?:وال|بال|كال|فال|ولل|لل|ال)(?=..)/u; // written together with the word that follows
const PARTICLES = /^[وفبكل](?=[\u0621-\u064a]{3})/u;
const DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/gu;
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu;

export function fold(text) {
  const plain = text.normalize("NFKD").toLowerCase().normalize("NFKD").replace(/\p{Mn}/gu, "");
  return plain.replace(/[\u0671\u0649\u06cc\u06d0\u06a9\u0629\u0640\u200c\u200d\u00df\u03c2]/gu, (letter) => UNIFIED[letter]);
}

const plainOf = (text) => fold(text).replace(DIGITS, (digit) => digit.codePointAt(0) % 16).replace(/[’ʼ]/gu, "'");
const stemOf = (word) => word.replace(ARTICLES, "");
const askedWords = (text) => plainOf(text).split(/\s+/u).map((word) => word.replace(EDGES, "")).filter(Boolean);

// What a choice is found by: its words as they stand and their parts, and its code.
export function entryOf(label, value) {
  const code = plainOf(value.slice(value.lastIndexOf(":") + 1));
  const text = `${label} ${value}`;
  const whole = askedWords(text);
  const parts = plainOf(text).split(/[^\p{L}\p{N}]+/u);
  const words = new Set([...whole, ...parts, code].flatMap((word) => [word, stemOf(word), word.replace(PARTICLES, "")]).filter(Boolean));
  return { code, label: askedWords(label).join(" "), words: [...words] };
}

// Which of the entries fit all the words, and how well: 0 is the very label or code; null does not fit.
export function rankOf(entry, text) {
  const asked = askedWords(text);
  const fits = (word) =>
    entry.words.some((each) => each.startsWith(word) || each.startsWith(stemOf(word)))
    || (/\p{Script=Han}/u.test(word) && entry.label.includes(word)); // written without spaces
  if (!asked.every(fits)) return null;
  const whole = asked.join(" ");
  if (whole === entry.code || whole === entry.label) return 0;
  if (entry.label.startsWith(whole)) return 1;
  return entry.code.startsWith(whole) ? 2 : 3;
}
