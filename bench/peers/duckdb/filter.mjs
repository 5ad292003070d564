/**
 * Filters lines with DuckDB's JSON reader, which gives each line as it stands. `input.form`: 'extract' extracts
 * the field of every line, 'text first' only where the line contains the value, 'count' makes no rows.
 */
import { measureLines, task } from '../jsonl/task.mjs';
import { contend } from '../protocol.mjs';
import { connect } from './database.mjs';

/** DuckDB's default limit of one line. */
const LINE_LIMIT = 16 << 20;

await contend(async ({ file, condition, form, longestLine, ...input }) => {
  const connection = await connect();
  const { where, values } = restriction(condition, form);
  const limit = longestLine < LINE_LIMIT ? '' : `, maximum_object_size = ${longestLine + 1}`;
  const lines = `read_ndjson_objects(${quoted(file)}, ignore_errors = true${limit}) WHERE ${where}`;
  if (form === 'count') {
    return task(input, async () => {
      const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${lines}`, values);
      return { lines: Number(reader.getRows()[0][0]) };
    });
  }
  return task(input, async () => {
    const reader = await connection.runAndReadAll(`SELECT json FROM ${lines}`, values);
    return measureLines(reader.getColumns()[0] ?? []);
  });
});

/** The WHERE clause; texts are given as parameters. */
function restriction({ field, value, start, end }, form) {
  if (field === undefined) {
    return {
      where: `json_extract_string(json, '$.timestamp') BETWEEN $start AND $end`,
      values: { start, end },
    };
  }
  const extracted = `json_extract_string(json, ${quoted(`$.${field}`)}) = $value`;
  const where = form === 'text first' ? `contains(json::VARCHAR, $value) AND ${extracted}` : extracted;
  return { where, values: { value } };
}

function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}
