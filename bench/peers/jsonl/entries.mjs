/** The contenders of a case, as the suites list them. */

/** Contenders of the case `name` from rows of [contender, script, form]; the input of each is `common` and the form. */
export function entriesOf(bench, name, common, rows) {
  return rows.map(([contender, script, form]) => ({
    name: contender,
    case: name,
    script,
    input: () => ({ case: name, rounds: bench.rounds, native: bench.native, form, ...common }),
  }));
}
