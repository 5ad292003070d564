// Builds the rows of lists in the JavaScript engine itself: one literal for each set of fields that rows have, and texts
// cut out of one long text. chunk.rs writes what is read here, in the same order; engine.rs keeps the functions.
(() => {
  const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

  function setProperty(record, key, value) {
    if (key !== '__proto__') record[key] = value;
    else {
      const descriptor = { value, writable: true, enumerable: true, configurable: true };
      Object.defineProperty(record, key, descriptor);
    }
  }

  return {
    /**
     * Makes the function that appends rows of one type to an array.
     *
     * @param {string} json the fields in the order of a row, each { name, kind, optional }; `kind` is a reader below
     */
    appender(json) {
      const fields = JSON.parse(json);
      /** A row with one more set of fields than these is made field by field; real lists have a dozen. */
      const MOST_SHAPES = 200;
      /** The number that stands for one which does not fit, and for a text of its own. */
      const ELSEWHERE = -2147483648;

      let tape;
      let at;
      let narrow;
      let narrowAt;
      let wide;
      let wideAt;
      let reals;
      let realsAt;
      let words;
      let longs;
      let longsAt;

      const readers = {
        text() {
          const length = tape[at++];
          if (length >= 0) {
            const start = narrowAt;
            narrowAt += length;
            return narrow.slice(start, narrowAt);
          }
          if (length === ELSEWHERE) return longs[longsAt++];
          const start = wideAt;
          wideAt -= length;
          return wide.slice(start, wideAt);
        },
        word() {
          const index = tape[at++];
          return index >= 0 ? words[index] : readers.text();
        },
        integer() {
          const number = tape[at++];
          return number !== ELSEWHERE ? number : reals[realsAt++];
        },
        boolean() {
          return tape[at++] === 1;
        },
        real() {
          return reals[realsAt++];
        },
        integers() {
          const numbers = [];
          for (let left = tape[at++]; left > 0; left -= 1) numbers.push(readers.integer());
          return numbers;
        },
      };

      const optional = fields.filter((field) => field.optional);
      /** The fields of rows with these bits: a bit for each optional field, the first one lowest. */
      const present = (bits) =>
        fields.filter((field) => !field.optional || bits & (1 << optional.indexOf(field)));

      /** Makes rows with these bits by one literal, so that all have one hidden class from the start. */
      function compiled(bits) {
        const members = present(bits).map(({ name, kind }) => `${JSON.stringify(name)}: ${kind}()`);
        const source = `const { ${Object.keys(readers).join(', ')} } = readers; return () => ({ ${members.join(', ')} });`;
        return new Function('readers', source)(readers);
      }

      /** The same where no code may be made from text. */
      function interpreted(bits) {
        const chosen = present(bits);
        return () => {
          const row = {};
          for (const { name, kind } of chosen) row[name] = readers[kind]();
          return row;
        };
      }

      const makers = new Map();
      let compile = compiled;
      function makerOf(bits) {
        if (makers.size >= MOST_SHAPES) return interpreted(bits);
        let maker;
        try {
          maker = compile(bits);
        } catch (error) {
          if (!(error instanceof EvalError)) throw error;
          compile = interpreted;
          maker = interpreted(bits);
        }
        makers.set(bits, maker);
        return maker;
      }

      /** Reads `count` rows. `words` holds the words of the list so far. */
      return (rows, count, ...columns) => {
        let newWords;
        [tape, narrow, wide, reals, words, newWords, longs] = columns;
        at = narrowAt = wideAt = realsAt = longsAt = 0;
        for (const word of newWords) words.push(word);
        for (let left = count; left > 0; left -= 1) {
          const bits = tape[at++];
          const maker = makers.get(bits) ?? makerOf(bits);
          rows.push(maker());
        }
        // The texts belong to the rows now; nothing here keeps them.
        tape = narrow = wide = reals = words = longs = undefined;
      };
    },

    /**
     * Waits for rows that another thread reads, and builds them a few milliseconds at a time. What comes is the rows, or a
     * function that appends some more of them with each call, and tells whether there are others.
     */
    async gather(pending) {
      const answer = await pending;
      if (typeof answer !== 'function') return answer;
      const rows = [];
      const words = [];
      for (;;) {
        const start = performance.now();
        do {
          if (!answer(rows, words)) return rows;
        } while (performance.now() - start < 4);
        await nextTurn();
      }
    },

    /** An object with the value of each key. Every key is an ordinary property. */
    record(keys, values) {
      const record = {};
      for (let index = 0; index < values.length; index += 1) setProperty(record, keys[index], values[index]);
      return record;
    },

    /** The same of values that another thread reads, a few milliseconds at a time. */
    async gatherRecord(keys, pending) {
      // The caller may change its array meanwhile.
      const names = [...keys];
      const values = await pending;
      const record = {};
      let start = performance.now();
      for (let index = 0; index < values.length; index += 1) {
        setProperty(record, names[index], values[index]);
        if (index % 1000 === 999 && performance.now() - start >= 4) {
          await nextTurn();
          start = performance.now();
        }
      }
      return record;
    },
  };
})();
