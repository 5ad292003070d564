/** The two conditions that lines are filtered by: one field has one value, or a time range. */

/** The value at `keys` of a parsed line; undefined where there is none. */
export function fieldOf(record, keys) {
  let value = record;
  for (const key of keys) value = value?.[key];
  return value;
}

/** A test of parsed lines for { field, value } or { start, end } (both included, compared as text: one form of time). */
export function conditionOf({ field, value, start, end }) {
  if (field === undefined) {
    return (record) => record?.timestamp >= start && record.timestamp <= end;
  }
  const keys = field.split('.');
  return (record) => fieldOf(record, keys) === value;
}

/** The bytes that stand in a compactly written line in which `field` is `value`. */
export function needleOf({ field, value }) {
  return `${JSON.stringify(field.split('.').at(-1))}:${JSON.stringify(value)}`;
}
