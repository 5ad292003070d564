/** Chooses what to filter a file for, so that each file has a rare, a common and a timed case. */

/** The value of `fields` whose share of the lines is nearest to `share`: { field, value, lines, characters }. */
export function valueNear({ lines, values }, fields, share) {
  const wanted = lines * share;
  let best = null;
  for (const field of fields) {
    for (const [value, count] of values.get(field)) {
      if (best === null || Math.abs(count.lines - wanted) < Math.abs(best.lines - wanted)) {
        best = { field, value, ...count };
      }
    }
  }
  if (best === null)
    throw new Error(`no line has a value of ${fields.join(', ')}: give a file of transcripts`);
  return best;
}

/** The range around the middle of time that holds about `share` of the lines: { start, end, lines, characters }. */
export function timesAround({ lines, times }, share) {
  const wanted = Math.max(1, Math.round(lines * share));
  if (times.length < wanted) throw new Error('too few lines have a timestamp: give a file of transcripts');
  const first = Math.floor((times.length - wanted) / 2);
  const start = times[first].time;
  const end = times[first + wanted - 1].time;
  const within = times.filter(({ time }) => time >= start && time <= end);
  return {
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    lines: within.length,
    characters: within.reduce((sum, each) => sum + each.characters, 0),
  };
}

/** `count` different line numbers below `lines`, the same in every run. */
export function someLines(lines, count) {
  const chosen = new Set();
  for (let state = 1; chosen.size < Math.min(count, lines); ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    chosen.add(Math.floor((state / 2 ** 32) * lines));
  }
  return [...chosen];
}

/** A share of the lines for the name of a case. */
export function percent(part, whole) {
  const share = (100 * part) / whole;
  return `${share < 0.1 ? share.toFixed(3) : share.toFixed(1)} %`;
}
