// What runs in the JavaScript engine itself, because an object of thousands of properties is read and made there at a
// fraction of what each of them costs through Node-API. The value of this script is the object below; engine.rs keeps its
// functions. Lists of texts come as one text, with NUL between them.
({
  /** Keys and values of a record, each list as one text in UTF-8. `unfit` is the key of a value that is no text. */
  entries(record) {
    const keys = Object.keys(record);
    const values = keys.map((key) => record[key]);
    const unfit = values.findIndex((value) => typeof value !== 'string');
    if (unfit >= 0) {
      return { unfit: keys[unfit] };
    }
    const encode = (texts) => new TextEncoder().encode(texts.join('\0'));
    return { count: keys.length, keys: encode(keys), values: encode(values) };
  },

  /** A record of at least one key, with digests of so many digits each; blanks stand for the empty text. */
  record(keys, digests, digits) {
    const record = {};
    let start = 0;
    for (const key of keys.split('\0')) {
      const digest = digests.charCodeAt(start) === 32 ? '' : digests.slice(start, start + digits);
      if (key === '__proto__') {
        Object.defineProperty(record, key, {
          value: digest,
          enumerable: true,
          writable: true,
          configurable: true,
        });
      } else {
        record[key] = digest;
      }
      start += digits;
    }
    return record;
  },

  /** Digests of so many digits each; blanks stand for the empty text. */
  digests(digests, digits) {
    const list = [];
    for (let start = 0; start < digests.length; start += digits) {
      list.push(digests.charCodeAt(start) === 32 ? '' : digests.slice(start, start + digits));
    }
    return list;
  },

  /** Paths of at least one file below a folder. */
  files(folder, separator, paths) {
    const below = folder.endsWith(separator) ? folder : folder + separator;
    const native = separator === '/' ? paths : paths.replaceAll('/', separator);
    return native.split('\0').map((path) => below + path);
  },
});
