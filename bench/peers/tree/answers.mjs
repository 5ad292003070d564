/** Answers of different forms as numbers that can be compared. */
import { repeated } from '../repeated.mjs';

/** A number for texts in any order: equal for the same texts, and hardly ever for others. */
export function sumOf(texts) {
  let sum = 0;
  for (const text of texts) {
    let hash = 0x811c9dc5;
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    sum = (sum + (hash >>> 0)) % Number.MAX_SAFE_INTEGER;
  }
  return sum;
}

/** What is compared of a list of texts. */
export const factsOf = (texts) => ({ count: texts.length, sum: sumOf(texts) });

/**
 * Measures `work` after its answer was turned into facts once: `textsOf(answer)` are the texts that it gave, `null`
 * where it gives none that could be compared.
 */
export async function answered(name, rounds, work, textsOf) {
  const texts = textsOf(await work());
  const facts = texts === null ? { count: null, sum: null } : factsOf(texts);
  const measured = await repeated(name, rounds, () => ignoring(work), { budgetMs: 3000 });
  return { ...measured, facts: { ...measured.facts, ...facts } };
}

/** Does the work, and forgets its answer. */
async function ignoring(work) {
  await work();
}

/** The lines of a text, or its parts that end in NUL. */
export const linesOf = (text, end = '\n') => text.split(end).filter((line) => line !== '');
