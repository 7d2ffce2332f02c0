import assert from "node:assert/strict";
import { languageOf, TEXT_LANGUAGES } from "./text_languages.ts";

const name = (text: string) =>
  TEXT_LANGUAGES[languageOf(text.toLowerCase().split(/[^\p{L}]+/u))];

Deno.test("languageOf() tells languages with many words in common apart", () => {
  const texts: Record<string, string> = {
    English: "I would like to know what the exchange rate is for my card",
    German: "Ich möchte wissen, wie der Kurs für die Karte ist, die ich habe",
    French:
      "Je voudrais savoir quel est le taux de change pour ma carte dans ce pays",
    Spanish:
      "Me gustaría saber cuál es el tipo de cambio para mi tarjeta en este país",
    Italian:
      "Vorrei sapere qual è il tasso di cambio per la mia carta in questo paese, perché non mi è chiaro",
    Portuguese:
      "Eu gostaria de saber qual é a taxa de câmbio para o meu cartão e se ele tem custo",
    Dutch:
      "Ik wil graag weten wat de wisselkoers is voor mijn kaart en of er kosten zijn",
    Swedish:
      "Jag vill veta hur mycket det kostar att använda mitt kort och när det är klart",
    Danish:
      "Jeg vil vide hvor meget det koster, og hvad jeg skal gøre når kortet ikke er der",
    Polish: "Chcę wiedzieć jak to jest z moją kartą i czy nie ma za to opłaty",
    Finnish:
      "Minä en tiedä mitä se on, mutta hän on nyt se joka voi sen kertoa",
  };
  for (const [language, text] of Object.entries(texts)) {
    assert.equal(name(text), language, text);
  }
});

Deno.test("languageOf() says nothing of few words, names or a mixture", () => {
  for (
    const text of [
      "the of and",
      "Siemens Bosch Toyota Nokia Renault Ericsson Philips",
      "we are in the house and wir sind in dem Haus und",
      "",
    ]
  ) assert.equal(name(text), undefined, text);
});
