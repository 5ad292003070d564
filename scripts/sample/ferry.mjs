// Project `ferry`: an HTTP client in TypeScript that learns to retry without flooding a server.
import { agent, bash, edit, grep, Project, Recorder, read, think, todo, write } from './recorder.mjs';

const CLIENT = `import { parseHeader } from './headers';
import { RequestError } from './errors';

export interface ClientOptions {
  /** Where relative paths are resolved against. */
  baseUrl: string;
  /** How often one request is tried in all, the first time included. Default 4. */
  maxAttempts?: number;
  /** Milliseconds before the first retry; doubled each time. Default 200. */
  backoffMs?: number;
  /** Milliseconds after which an attempt is given up. Default 10000. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

export interface Response {
  status: number;
  headers: Map<string, string>;
  body: string;
}

const RETRYABLE = new Set([408, 429, 500, 502, 503, 504]);

export class HttpClient {
  readonly #options: Required<ClientOptions>;

  constructor(options: ClientOptions) {
    this.#options = { maxAttempts: 4, backoffMs: 200, timeoutMs: 10_000, fetch, ...options };
  }

  async get(path: string): Promise<Response> {
    return this.#send('GET', path);
  }

  async put(path: string, body: string): Promise<Response> {
    return this.#send('PUT', path, body);
  }

  async #send(method: string, path: string, body?: string): Promise<Response> {
    const url = new URL(path, this.#options.baseUrl);
    let lastError: unknown;
    for (let attempt = 1; attempt <= this.#options.maxAttempts; attempt += 1) {
      try {
        const response = await this.#attempt(method, url, body);
        if (!RETRYABLE.has(response.status)) {
          return response;
        }
        lastError = new RequestError(method, url, response.status);
        await this.#pause(attempt, response.headers.get('retry-after'));
      } catch (error) {
        lastError = error;
        await this.#pause(attempt);
      }
    }
    throw lastError;
  }

  async #attempt(method: string, url: URL, body?: string): Promise<Response> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs);
    const reply = await this.#options.fetch(url, { method, body, signal });
    const headers = new Map<string, string>();
    for (const line of rawHeaders(reply)) {
      const [name, value] = parseHeader(line);
      headers.set(name, value);
    }
    return { status: reply.status, headers, body: await reply.text() };
  }

  #pause(attempt: number, retryAfter?: string): Promise<void> {
    const seconds = Number(retryAfter);
    const ms = Number.isFinite(seconds) ? seconds * 1000 : this.#options.backoffMs * 2 ** (attempt - 1);
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}

function rawHeaders(reply: globalThis.Response): string[] {
  return [...reply.headers].map(([name, value]) => \`\${name}: \${value}\`);
}
`;

const HEADERS = `/**
 * Splits one header line into its name, in lower case, and its value.
 *
 * @throws {SyntaxError} when the line has no colon
 */
export function parseHeader(line: string): [name: string, value: string] {
  const parts = line.split(':');
  if (parts.length < 2) {
    throw new SyntaxError(\`not a header: \${JSON.stringify(line)}\`);
  }
  return [parts[0].trim().toLowerCase(), parts[1].trim()];
}

/** The media type of a Content-Type value, without its parameters. */
export function mediaType(value: string): string {
  return value.split(';')[0].trim().toLowerCase();
}

/** The parameters of a Content-Type value, for instance \`charset\`. */
export function parameters(value: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of value.split(';').slice(1)) {
    const [name, text] = part.split('=');
    found.set(name.trim().toLowerCase(), (text ?? '').trim().replace(/^"|"$/g, ''));
  }
  return found;
}
`;

const ERRORS = `/** A request that was answered, but not with success. */
export class RequestError extends Error {
  readonly status: number;

  constructor(method: string, url: URL, status: number) {
    super(\`\${method} \${url.pathname} was answered with \${status}\`);
    this.name = 'RequestError';
    this.status = status;
  }
}
`;

const HEADER_TESTS = `import { describe, expect, it } from 'vitest';
import { mediaType, parameters, parseHeader } from '../src/headers';

describe('parseHeader', () => {
  it('splits name and value', () => {
    expect(parseHeader('Content-Length: 42')).toEqual(['content-length', '42']);
  });

  it('refuses a line without a colon', () => {
    expect(() => parseHeader('GET / HTTP/1.1')).toThrow(SyntaxError);
  });
});

describe('mediaType', () => {
  it('leaves the parameters out', () => {
    expect(mediaType('Text/HTML; charset=utf-8')).toBe('text/html');
  });
});

describe('parameters', () => {
  it('takes the quotes off', () => {
    expect(parameters('text/html; charset="utf-8"').get('charset')).toBe('utf-8');
  });
});
`;

const BUDGET = `export interface RetryBudgetOptions {
  /** How many retries a request earns. 0.1 lets one request in ten be retried. Default 0.1. */
  ratio?: number;
  /** Retries per second that are always allowed, so that a quiet client can retry at all. Default 1. */
  minPerSecond?: number;
  /** How long a request counts, in milliseconds. Default 10000. */
  windowMs?: number;
  /** The clock, in milliseconds. */
  now?: () => number;
}

/**
 * Decides whether one more retry is worth it.
 *
 * Attempts alone are a poor limit: when a server is down, every request is tried four times, and the server comes back
 * to four times its load. A budget ties the retries to the requests of the last seconds instead.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  readonly #windowMs: number;
  readonly #now: () => number;
  #deposits: number[] = [];
  #withdrawals: number[] = [];

  constructor({ ratio = 0.1, minPerSecond = 1, windowMs = 10_000, now = Date.now }: RetryBudgetOptions = {}) {
    this.#ratio = ratio;
    this.#windowMs = windowMs;
    this.#reserve = (minPerSecond * windowMs) / 1000;
    this.#now = now;
  }

  /** Counts a request that was asked for by the caller. */
  deposit(): void {
    this.#deposits.push(this.#now());
  }

  /** Takes one retry out of the budget; false when there is none left. */
  tryWithdraw(): boolean {
    this.#forget();
    const allowed = this.#reserve + this.#deposits.length * this.#ratio;
    if (this.#withdrawals.length + 1 > allowed) {
      return false;
    }
    this.#withdrawals.push(this.#now());
    return true;
  }

  #forget(): void {
    const oldest = this.#now() - this.#windowMs;
    this.#deposits = this.#deposits.filter((at) => at > oldest);
    this.#withdrawals = this.#withdrawals.filter((at) => at > oldest);
  }
}
`;

const BUDGET_TESTS = `import { describe, expect, it } from 'vitest';
import { RetryBudget } from '../src/retry-budget';

describe('RetryBudget', () => {
  it('allows the reserve to a quiet client', () => {
    const budget = new RetryBudget({ minPerSecond: 1, windowMs: 2000, now: () => 0 });
    expect([1, 2, 3].map(() => budget.tryWithdraw())).toEqual([true, true, false]);
  });

  it('earns retries from requests', () => {
    const budget = new RetryBudget({ ratio: 0.5, minPerSecond: 0, now: () => 0 });
    expect(budget.tryWithdraw()).toBe(false);
    budget.deposit();
    budget.deposit();
    expect(budget.tryWithdraw()).toBe(true);
    expect(budget.tryWithdraw()).toBe(false);
  });

  it('forgets what is older than its window', () => {
    let now = 0;
    const budget = new RetryBudget({ minPerSecond: 1, windowMs: 1000, now: () => now });
    expect(budget.tryWithdraw()).toBe(true);
    expect(budget.tryWithdraw()).toBe(false);
    now = 1001;
    expect(budget.tryWithdraw()).toBe(true);
  });
});
`;

const passed = (files, tests) => ` RUN  v4.1.12 /home/dev/projects/ferry

${files.map((file) => ` ✓ tests/${file}`).join('\n')}

 Test Files  ${files.length} passed (${files.length})
      Tests  ${tests} passed (${tests})
   Duration  412ms`;

/** The sessions of this project, oldest first. */
export function ferry() {
  const project = new Project('/home/dev/projects/ferry', {
    'src/client.ts': CLIENT,
    'src/headers.ts': HEADERS,
    'src/errors.ts': ERRORS,
    'tests/headers.test.ts': HEADER_TESTS,
    'README.md': '# ferry\n\nA small HTTP client that brings requests to the other shore.\n',
  });

  const headers = new Recorder(project, { name: 'ferry-1', start: '2026-10-05T08:12:00Z', version: '2.1.39' })
    .prompt(
      'A user reports that the `location` header comes back as just "https". Something in parseHeader eats the rest of the value. Can you find it, add a failing test first, then fix it?',
    )
    .reply(
      think(
        'A value that begins with a scheme contains a colon. If parseHeader splits at every colon and takes the second part, "https://…" is cut after "https". Let me look before I assume.',
      ),
      'I will look at how `parseHeader` takes the line apart.',
      read('src/headers.ts'),
    )
    .reply(read('tests/headers.test.ts'))
    .reply(
      'That is it: `line.split(\':\')` splits at *every* colon and `parts[1]` is only what stands before the next one. `Location: https://example.org/a` becomes `["Location", " https", "//example.org/a"]`. First the failing test.',
      edit(
        'tests/headers.test.ts',
        "  it('refuses a line without a colon', () => {",
        "  it('keeps colons inside the value', () => {\n    expect(parseHeader('Location: https://example.org:8080/a')).toEqual([\n      'location',\n      'https://example.org:8080/a',\n    ]);\n  });\n\n  it('refuses a line without a colon', () => {",
      ),
    )
    .reply(
      bash(
        'npx vitest run tests/headers.test.ts',
        'Run the header tests',
        ' FAIL  tests/headers.test.ts > parseHeader > keeps colons inside the value\nAssertionError: expected [ \'location\', \'https\' ] to deeply equal [ \'location\', …(1) ]\n\n  Array [\n    "location",\n-   "https://example.org:8080/a",\n+   "https",\n  ]\n\n Test Files  1 failed (1)\n      Tests  1 failed | 4 passed (5)',
        { fails: true, seconds: 1.6 },
      ),
    )
    .reply(
      'It fails for the right reason. Now the fix: only the first colon separates name and value.',
      edit(
        'src/headers.ts',
        "  const parts = line.split(':');\n  if (parts.length < 2) {\n    throw new SyntaxError(`not a header: ${JSON.stringify(line)}`);\n  }\n  return [parts[0].trim().toLowerCase(), parts[1].trim()];",
        "  const colon = line.indexOf(':');\n  if (colon < 0) {\n    throw new SyntaxError(`not a header: ${JSON.stringify(line)}`);\n  }\n  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];",
      ),
      bash('npx vitest run', 'Run all tests', passed(['headers.test.ts (5)'], 5)),
    )
    .reply(
      'Fixed. `parseHeader` now separates at the first colon only, so URLs, ports, times and IPv6 addresses survive in values. The new test covers a URL with a port. Nothing else in the code splits header lines by itself; `parameters` splits at `;` and `=`, which has the same weakness for a value that contains `=` (a base64 boundary, for instance). Shall I mend that too?',
    )
    .turnEnds(48)
    .prompt('Yes please, same treatment.', 120)
    .reply(
      edit(
        'tests/headers.test.ts',
        "  it('takes the quotes off', () => {",
        "  it('keeps an equals sign inside the text', () => {\n    expect(parameters('multipart/form-data; boundary=a=b==').get('boundary')).toBe('a=b==');\n  });\n\n  it('takes the quotes off', () => {",
      ),
      edit(
        'src/headers.ts',
        "    const [name, text] = part.split('=');\n    found.set(name.trim().toLowerCase(), (text ?? '').trim().replace(/^\"|\"$/g, ''));",
        "    const equals = part.indexOf('=');\n    const name = equals < 0 ? part : part.slice(0, equals);\n    const text = equals < 0 ? '' : part.slice(equals + 1);\n    found.set(name.trim().toLowerCase(), text.trim().replace(/^\"|\"$/g, ''));",
      ),
      bash('npx vitest run', 'Run all tests', passed(['headers.test.ts (6)'], 6)),
    )
    .reply('Done: six tests, all green. A boundary of `a=b==` comes back whole.')
    .turnEnds(21);

  const budget = new Recorder(project, {
    name: 'ferry-2',
    start: '2026-10-12T13:40:00Z',
    version: '2.1.39',
    branch: 'retry-budget',
  })
    .title('Retry budget for the HTTP client')
    .prompt(
      'Last night the map server went down for a minute, and when it came back we hit it with four times the usual load because every client retries up to maxAttempts. I want a retry budget: retries limited to a share of recent requests. Keep maxAttempts as an upper bound. Plan first, please.',
    )
    .reply(
      think(
        'A retry budget as known from RPC libraries: a token account with deposits per request and withdrawals per retry, a ratio, a minimum rate, and a sliding window. It must be shared by all requests of one client, not live per request. Let me read the client and see where attempts are counted.',
      ),
      'Let me read the client before I plan.',
      read('src/client.ts'),
      grep('maxAttempts|RETRYABLE'),
    )
    .reply(
      'Here is the plan.\n\n1. **`RetryBudget`**, a class of its own: `deposit()` for each request the caller makes, `tryWithdraw()` before each retry. The retries in the window may be at most `reserve + ratio × requests`. The reserve lets a quiet client retry at all.\n2. **One budget per client**, shared by all its requests. A caller can pass one in to share it between clients of the same server.\n3. In `#send`: after a retryable answer, first look at `maxAttempts`, then ask the budget, then pause. When the budget says no, the last error is thrown at once, without a pause.\n4. One more thing I noticed: today `#pause` also runs after the *last* attempt, so a caller waits for nothing. That goes away with the same change.\n\nDefaults: ratio 0.1, one retry per second as reserve, window of 10 s.',
      todo(
        '[ ] Write RetryBudget with its tests',
        '[ ] Use it in HttpClient',
        '[ ] Do not pause after the last attempt',
        '[ ] Describe it in the README',
      ),
    )
    .turnEnds(64)
    .prompt(
      'Good plan. Sliding window or token bucket? And please check what happens with Retry-After dates.',
      300,
    )
    .reply(
      think(
        'Retry-After may be a date: "Wed, 21 Oct 2026 07:28:00 GMT". Number of that is NaN, so it falls back to the backoff, which ignores the server. Also Number(undefined) is NaN, fine, but Number("") is 0. And Number(null)? headers.get of a Map gives undefined. OK.',
      ),
      'A sliding window: it answers "how many of the last ten seconds" exactly, and the numbers are small enough that a list of times is cheap. A token bucket would let a burst after an idle hour spend everything at once.\n\nI will have an agent look through the `Retry-After` question meanwhile.',
      agent(
        'Check Retry-After handling',
        'In /home/dev/projects/ferry, src/client.ts reads the Retry-After header in #pause. Find out which forms of the header RFC 9110 allows, what the code does with each, and report cases where the server is ignored or the client waits too long. Do not change files.',
        (worker) =>
          worker
            .reply(read('src/client.ts'))
            .reply(grep('retry-after'))
            .reply(
              bash(
                `node -e 'for (const v of ["120", "Wed, 21 Oct 2026 07:28:00 GMT", "", " 5 ", "-1", "1e9"]) console.log(JSON.stringify(v), Number(v))'`,
                'See what Number makes of each form',
                '"120" 120\n"Wed, 21 Oct 2026 07:28:00 GMT" NaN\n"" 0\n" 5 " 5\n"-1" -1\n"1e9" 1000000000',
              ),
            ),
        'RFC 9110 section 10.2.3 allows two forms: a number of seconds and an HTTP date.\n\n- Seconds work.\n- **A date becomes NaN**, so the client falls back to its own backoff and comes too early.\n- **An empty value becomes 0**: an immediate retry.\n- A negative number becomes a negative timeout, which fires at once.\n- There is **no upper limit**: `Retry-After: 1e9` makes the caller wait for 31 years, far beyond any timeout.\n\nSuggested: parse both forms, ignore what is neither, and never wait longer than the caller is willing to.',
      ),
    )
    .reply(
      'The agent found three real gaps: dates are ignored, an empty value means "now", and there is no upper limit. I will put the parsing beside `parseHeader`, since it is about header values. Now the budget itself.',
      write('src/retry-budget.ts', BUDGET),
      write('tests/retry-budget.test.ts', BUDGET_TESTS),
      bash('npx vitest run', 'Run all tests', passed(['headers.test.ts (6)', 'retry-budget.test.ts (3)'], 9)),
    )
    .reply(
      todo(
        '[x] Write RetryBudget with its tests',
        '[>] Use it in HttpClient',
        '[ ] Do not pause after the last attempt',
        '[ ] Parse both forms of Retry-After',
        '[ ] Describe it in the README',
      ),
      edit(
        'src/client.ts',
        "import { RequestError } from './errors';\n",
        "import { RequestError } from './errors';\nimport { RetryBudget } from './retry-budget';\n",
      ),
      edit(
        'src/client.ts',
        '  timeoutMs?: number;\n',
        '  timeoutMs?: number;\n  /** Limits the retries of all requests together. Default: a budget of this client. */\n  retryBudget?: RetryBudget;\n',
      ),
      edit(
        'src/client.ts',
        '{ maxAttempts: 4, backoffMs: 200, timeoutMs: 10_000, fetch, ...options };',
        '{\n      maxAttempts: 4,\n      backoffMs: 200,\n      timeoutMs: 10_000,\n      retryBudget: new RetryBudget(),\n      fetch,\n      ...options,\n    };',
      ),
      edit(
        'src/client.ts',
        "    let lastError: unknown;\n    for (let attempt = 1; attempt <= this.#options.maxAttempts; attempt += 1) {\n      try {\n        const response = await this.#attempt(method, url, body);\n        if (!RETRYABLE.has(response.status)) {\n          return response;\n        }\n        lastError = new RequestError(method, url, response.status);\n        await this.#pause(attempt, response.headers.get('retry-after'));\n      } catch (error) {\n        lastError = error;\n        await this.#pause(attempt);\n      }\n    }\n    throw lastError;",
        "    this.#options.retryBudget.deposit();\n    for (let attempt = 1; ; attempt += 1) {\n      let retryAfter: string | undefined;\n      let failure: unknown;\n      try {\n        const response = await this.#attempt(method, url, body);\n        if (!RETRYABLE.has(response.status)) {\n          return response;\n        }\n        failure = new RequestError(method, url, response.status);\n        retryAfter = response.headers.get('retry-after');\n      } catch (error) {\n        failure = error;\n      }\n      if (attempt === this.#options.maxAttempts || !this.#options.retryBudget.tryWithdraw()) {\n        throw failure;\n      }\n      await this.#pause(attempt, retryAfter);\n    }",
      ),
    )
    .reply(
      'The loop now asks `maxAttempts`, then the retry budget, and only then pauses. Next, `Retry-After` in both forms.',
      edit(
        'src/headers.ts',
        '/** The media type of a Content-Type value',
        '/**\n * Milliseconds to wait as a Retry-After value asks for: a number of seconds or an HTTP date.\n *\n * @returns undefined when the value is neither\n */\nexport function retryAfterMs(value: string, now: number): number | undefined {\n  if (/^\\d+$/.test(value)) {\n    return Number(value) * 1000;\n  }\n  const date = Date.parse(value);\n  return Number.isNaN(date) ? undefined : Math.max(0, date - now);\n}\n\n/** The media type of a Content-Type value',
      ),
      edit(
        'src/client.ts',
        "import { parseHeader } from './headers';",
        "import { parseHeader, retryAfterMs } from './headers';",
      ),
      edit(
        'src/client.ts',
        '    const seconds = Number(retryAfter);\n    const ms = Number.isFinite(seconds) ? seconds * 1000 : this.#options.backoffMs * 2 ** (attempt - 1);\n    return',
        '    const asked = retryAfter === undefined ? undefined : retryAfterMs(retryAfter, Date.now());\n    const ms = Math.min(asked ?? this.#options.backoffMs * 2 ** (attempt - 1), this.#options.timeoutMs);\n    return',
      ),
      bash(
        'npx tsc --noEmit && npx vitest run',
        'Check types and run all tests',
        "src/client.ts(34,7): error TS2322: Type 'RetryBudget | undefined' is not assignable to type 'RetryBudget'.",
        { fails: true, seconds: 3.1 },
      ),
    )
    .reply(
      think(
        'Spreading options with an explicit undefined overwrites the default. That is a real hazard too, not only for the type: { retryBudget: undefined } would crash at run time.',
      ),
      'The compiler is right, and not only formally: `new HttpClient({ retryBudget: undefined })` would overwrite the default and crash on the first request.',
      edit(
        'src/client.ts',
        '      ...options,\n    };',
        '      ...options,\n    };\n    this.#options.retryBudget ??= new RetryBudget();',
      ),
      read('src/client.ts'),
      bash(
        'npx tsc --noEmit && npx vitest run',
        'Check types and run all tests',
        passed(['headers.test.ts (9)', 'retry-budget.test.ts (3)', 'client.test.ts (5)'], 17),
        { seconds: 4.4 },
      ),
    )
    .reply(
      edit(
        'README.md',
        'A small HTTP client that brings requests to the other shore.\n',
        'A small HTTP client that brings requests to the other shore.\n\n## Retries\n\nA failed request is tried again up to `maxAttempts` times, as long as the **retry budget** allows it: over the last ten\nseconds, at most one retry per ten requests plus one per second. A server that is down is therefore not flooded when it\ncomes back. `Retry-After` is honoured in both of its forms, up to `timeoutMs`.\n',
      ),
      todo(
        '[x] Write RetryBudget with its tests',
        '[x] Use it in HttpClient',
        '[x] Do not pause after the last attempt',
        '[x] Parse both forms of Retry-After',
        '[x] Describe it in the README',
      ),
    )
    .reply(
      'The retry budget is in. What changed for callers:\n\n- Retries of one client together are limited to 10 % of its recent requests plus one per second.\n- After the last attempt there is no pause any more.\n- `Retry-After` works as a date too, and never holds a caller longer than `timeoutMs`.\n\nSeventeen tests pass. I would suggest a counter for refused retries as the next step, so that you can see in your metrics when the budget is what fails a request.',
    )
    .turnEnds(341);

  const timeouts = new Recorder(project, {
    name: 'ferry-3',
    start: '2026-11-02T09:05:00Z',
    version: '2.1.112',
  })
    .title('Why do uploads time out after ten seconds')
    .prompt(
      'Uploads over 20 MB fail with TimeoutError after exactly ten seconds, although data is still flowing. Is timeoutMs for the whole attempt?',
    )
    .reply('Let me check where the signal is made.', grep('timeoutMs'), read('src/client.ts'))
    .reply(
      'Yes. `AbortSignal.timeout(this.#options.timeoutMs)` starts when the attempt starts and covers everything: connecting, sending the body, waiting, and reading the reply. For an upload that is the wrong clock: it should measure *silence*, not duration.\n\nTwo ways out:\n\n1. A separate `totalTimeoutMs` (off by default), and let `timeoutMs` mean the time without any progress. Correct, needs a stream for the body so that progress is seen.\n2. A per-call option `client.put(path, body, { timeoutMs })`. Small, but the caller must guess a duration.\n\nI recommend the first; the second can be had with it.',
    )
    .turnEnds(19)
    .prompt('First one. But keep the old behaviour for GET without a body.', 95)
    .reply(
      think(
        'For GET, the body of the reply is streamed as well; silence measured there is equally right, but the user wants old behaviour: total time. So: idle clock only when there is a body to send.',
      ),
      edit(
        'src/client.ts',
        '    const signal = AbortSignal.timeout(this.#options.timeoutMs);\n    const reply = await this.#options.fetch(url, { method, body, signal });',
        "    const clock = new IdleClock(this.#options.timeoutMs);\n    const signal = body === undefined ? AbortSignal.timeout(this.#options.timeoutMs) : clock.signal;\n    const reply = await this.#options.fetch(url, {\n      method,\n      body: body === undefined ? undefined : clock.watch(body),\n      signal,\n      duplex: 'half',\n    });\n    clock.stop();",
      ),
      write(
        'src/idle-clock.ts',
        "const CHUNK = 64 * 1024;\n\n/** Aborts when nothing has moved for a while, however long the whole takes. */\nexport class IdleClock {\n  readonly #controller = new AbortController();\n  readonly #limitMs: number;\n  #timer: NodeJS.Timeout | undefined;\n\n  constructor(limitMs: number) {\n    this.#limitMs = limitMs;\n  }\n\n  get signal(): AbortSignal {\n    return this.#controller.signal;\n  }\n\n  /** The body as a stream; each piece that is taken starts the clock again. */\n  watch(body: string): ReadableStream<Uint8Array> {\n    const bytes = new TextEncoder().encode(body);\n    let at = 0;\n    this.#restart();\n    return new ReadableStream({\n      pull: (stream) => {\n        this.#restart();\n        if (at >= bytes.length) {\n          stream.close();\n          return;\n        }\n        stream.enqueue(bytes.subarray(at, at + CHUNK));\n        at += CHUNK;\n      },\n    });\n  }\n\n  stop(): void {\n    clearTimeout(this.#timer);\n  }\n\n  #restart(): void {\n    clearTimeout(this.#timer);\n    const abort = () => this.#controller.abort(new DOMException('nothing moved', 'TimeoutError'));\n    this.#timer = setTimeout(abort, this.#limitMs);\n  }\n}\n",
      ),
      edit(
        'src/client.ts',
        "import { RetryBudget } from './retry-budget';\n",
        "import { IdleClock } from './idle-clock';\nimport { RetryBudget } from './retry-budget';\n",
      ),
      bash(
        'npx tsc --noEmit && npx vitest run',
        'Check types and run all tests',
        passed(
          ['headers.test.ts (9)', 'retry-budget.test.ts (3)', 'client.test.ts (5)', 'idle-clock.test.ts (4)'],
          21,
        ),
        { seconds: 5.2 },
      ),
    )
    .reply(
      'Uploads now fail only when nothing has moved for `timeoutMs`. A `GET` behaves as before. One consequence to know: a retried upload is sent again from its beginning, and each retry still has to pass the retry budget.',
    )
    .turnEnds(77);

  return [headers, budget, timeouts];
}
