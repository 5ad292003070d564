// What runs in the JavaScript engine itself, because it is faster or simpler there. The value of this script is the
// object below; engine.rs keeps its functions.
({
  /** Appends values to an array. */
  append(array, ...values) {
    for (let index = 0; index < values.length; index += 1) {
      array.push(values[index]);
    }
  },

  /**
   * Appends a record for each line: a literal in a loop costs a tenth of what the same properties cost one by one
   * through Node-API. `lineNumbers` and `omittedBytes` may be null.
   */
  appendLines(lines, byteOffsets, lineNumbers, omittedBytes, ...contents) {
    for (let index = 0; index < contents.length; index += 1) {
      const content = contents[index];
      const byteOffset = byteOffsets[index];
      const line =
        lineNumbers === null
          ? { byteOffset, content }
          : { lineNumber: lineNumbers[index], byteOffset, content };
      if (omittedBytes !== null && omittedBytes[index] > 0) {
        line.omittedBytes = omittedBytes[index];
      }
      lines.push(line);
    }
  },

  /** Sets the elements of an array from one index on. */
  set(array, start, numbers) {
    for (let index = 0; index < numbers.length; index += 1) {
      array[start + index] = numbers[index];
    }
  },

  /** Hands over one batch after the other, until `next` gives a number: the answer. */
  async deliver(next, close, callback) {
    try {
      for (;;) {
        const lines = await next();
        if (typeof lines === 'number') {
          return lines;
        }
        await callback(null, lines);
      }
    } finally {
      close();
    }
  },
});
