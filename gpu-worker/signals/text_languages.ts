/** Most frequent words that tell a language; those of several are left to each. */
const WORDS: Readonly<Record<string, string>> = {
  English:
    "the of and to in is you that it he was for on are as with his they at be this have from or had by not but what were we when your can there an which do how their if will up about them then she would so has her him my than been who its now did me our i am where just please could should want need",
  German:
    "der die das und ist nicht ich du sie wir ein eine einen zu den mit von auf für im dem des sich auch es an werden aus er hat dass wie bei nach oder nur noch aber wenn kann mein wird sind was ihr haben war über mir mich bitte",
  French:
    "le la les de des et est un une que qui dans pour pas sur ce il elle je vous nous avec au aux du plus par ne se sont mais ou où comme son sa ses mon cette tout être avoir fait votre très bien",
  Spanish:
    "el la los las de que y en un una es por con no para se su al lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos mi yo tu qué cómo",
  Italian:
    "il lo la gli le di che e è un una per non con sono del della dei delle alla ma anche come più se mi ho questo questa nel nella da si su io ci cosa perché quando molto essere ha hai",
  Portuguese:
    "o os as de que e do da em um uma para com não é por mais dos das se na no ao como mas foi ele ela tem seu sua ou quando muito já eu também pelo até isso você são meu minha está",
  Dutch:
    "de het een en van ik te dat die in is niet op aan met als voor zijn er maar om hem dan zou of wat mijn men dit zo door over ze bij ook tot je mij uit naar heb hoe heeft hebben deze wordt kan geen",
  Swedish:
    "och i att det som en på är av för med till den har de inte om ett han men var jag sig från vi så kan när år under också efter eller nu där hur mycket du min mig vad",
  Danish:
    "og i at det som en på er af for med til den har de ikke om et han men var jeg sig fra vi så kan når også efter eller nu der hvor meget du min mig hvad skal vil være blev",
  Polish:
    "i w na z do nie się to że jest o jak ale po co tak za od czy już dla ze go może być są był przez tylko ja mnie tym jego ma kiedy bardzo więc ten które który",
  Czech:
    "a v na se je že o z do s to jsem jsou jak ale za po co tak by pro není už když ve si byl bylo má jako který nebo jen ze od až než tím podle jeho",
  Turkish:
    "bir ve bu da de için ne o ben mi çok ile ama daha var gibi kadar değil olan sonra en her ya ki biz siz nasıl olarak şey beni bana sen zaman",
  Finnish:
    "ja on ei se että oli hän en olen mutta niin kuin tämä mitä ole kun minä sinä he ovat jos nyt vain voi sen joka minun mukaan myös kanssa sitä",
  Indonesian:
    "yang dan di ini itu dengan untuk tidak dari dalam akan pada juga saya ke karena ada bisa mereka kami kita anda sudah atau oleh seperti adalah lebih apa bagaimana",
};

/** Names of languages; `text_language` is an index into them. */
export const TEXT_LANGUAGES: readonly string[] = Object.keys(WORDS);

/** Languages of each of those words. */
const LANGUAGES_BY_WORD = new Map<string, number[]>();
TEXT_LANGUAGES.forEach((name, language) => {
  for (const word of new Set(WORDS[name]!.split(" "))) {
    if (word.length < 2) continue; // what is left of "let's" is no Czech
    const known = LANGUAGES_BY_WORD.get(word);
    if (known) known.push(language);
    else LANGUAGES_BY_WORD.set(word, [language]);
  }
});

/** Fewer words tell nothing. */
const LEAST_WORDS = 6;
/** Share of the words that has to be among the language's most frequent ones. */
const LEAST_SHARE = 0.25;
/** And so many different ones of them. */
const LEAST_KINDS = 3;
/** How often they have to be met as those of the next language. */
const LEAST_LEAD = 1.6;

/**
 * Language of a text by its most frequent words: more than a quarter of all
 * words are of that language's list, three different ones, and at least 1.6 times as many as of any other's.
 * O(words).
 *
 * Source: Grefenstette (1995), "Comparing two language identification schemes",
 * the one by small words.
 *
 * @param words Lower case, at most the first few hundred.
 * @returns Index into {@linkcode TEXT_LANGUAGES}; NaN where its words do not say.
 *
 * @example
 * ```ts
 * import { languageOf, TEXT_LANGUAGES } from "./text_languages.ts";
 * import assert from "node:assert/strict";
 *
 * const words = "wie kann ich mein Konto wieder aus der Sperre holen".toLowerCase().split(" ");
 * assert.equal(TEXT_LANGUAGES[languageOf(words)], "German");
 * assert.ok(Number.isNaN(languageOf(["ok"])));
 * ```
 */
export function languageOf(words: readonly string[]): number {
  if (words.length < LEAST_WORDS) return NaN;
  const hits = new Uint32Array(TEXT_LANGUAGES.length);
  const kinds = TEXT_LANGUAGES.map(() => new Set<string>());
  for (const word of words) {
    for (const language of LANGUAGES_BY_WORD.get(word) ?? []) {
      hits[language]!++;
      kinds[language]!.add(word);
    }
  }
  let [best, next] = [0, -1];
  for (let i = 1; i < hits.length; i++) {
    if (hits[i]! > hits[best]!) [best, next] = [i, best];
    else if (next < 0 || hits[i]! > hits[next]!) next = i;
  }
  const isClear = kinds[best]!.size >= LEAST_KINDS &&
    hits[best]! >= LEAST_SHARE * words.length &&
    hits[best]! >= LEAST_LEAD * hits[next]!;
  return isClear ? best : NaN;
}
