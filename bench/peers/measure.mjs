/** Runs the contenders of a suite and collects their answers. */
import { Interrupted } from './bench.mjs';
import { Skip } from './protocol.mjs';

const begins = (name, starts) => starts === undefined || starts.some((start) => name.startsWith(start));

/** Runs the contenders of one suite in turns, each turn beginning with another one. */
export async function measure(bench, suite, { runs, only, cases }) {
  const module = await import(`./suites/${suite}.mjs`);
  const { explanation, contenders, expected = {} } = await module.prepare(bench);
  const chosen = contenders.filter(
    ({ name, case: title }) => begins(name, only) && (title === undefined || begins(title, cases)),
  );
  const samples = [];
  const skipped = new Map();
  const failed = [];
  for (let run = 1; run <= runs; run += 1) {
    for (let turn = 0; turn < chosen.length; turn += 1) {
      const contender = chosen[(turn + run - 1) % chosen.length];
      if (skipped.has(contender)) continue;
      const answer = runOnce(bench, contender);
      if (answer.failed !== undefined) {
        skipped.set(contender, 'failed');
        failed.push(contender.name);
        console.error(`${suite}: ${contender.name}: failed: ${answer.failed}`);
        continue;
      }
      if (answer.skip !== undefined) {
        skipped.set(contender, answer.skip);
        console.log(`${suite}: ${contender.name}: skipped: ${answer.skip} (${answer.detail})`);
        continue;
      }
      for (const each of answer.cases) {
        const { peakRssBytes, processMs } = answer;
        const place = contenders.indexOf(contender);
        samples.push({ peakRssBytes, ...each, contender: contender.name, place, run, processMs });
        console.log(
          `${suite}: ${contender.name}: ${each.case}, run ${run} of ${runs}: ${each.ms.toFixed(3)} ms`,
        );
      }
    }
  }
  // The first contender of a case is its baseline, whichever began the turns.
  samples.sort((a, b) => a.place - b.place || a.run - b.run);
  return {
    suite,
    module,
    explanation,
    expected,
    samples,
    skipped: [...skipped].map(([{ name, case: title }, reason]) => ({ name, title, reason })),
    failed,
  };
}

/** The answer of one contender; whatever keeps it from answering is its own failure, not that of the run. */
function runOnce(bench, contender) {
  try {
    const input = contender.input();
    const answer = bench.run(contender.script, input, contender.executable);
    if (contender.discard) bench.discard(contender.discard(input));
    return answer;
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (error instanceof Skip) return { skip: error.message, detail: error.detail };
    return { failed: error.message };
  }
}
