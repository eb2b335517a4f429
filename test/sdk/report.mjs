// What is printed: one line per check, a total, and why something failed.

export class Report {
  #passed = 0;
  #failed = 0;
  #print;
  /** What a first try came to, until it is known whether it counts; null outside of one. */
  #held = null;
  /** The title of the check under way. */
  current = '';

  constructor(print = line => process.stdout.write(line + '\n')) {
    this.#print = print;
  }

  get failed() {
    return this.#failed;
  }

  ok(title) {
    if (this.#held) {
      this.#held.push({ title });
      return;
    }
    this.#passed++;
    this.#print(`ok ${title}`);
  }

  notOk(title, reason) {
    if (this.#held) {
      this.#held.push({ title, reason });
      return;
    }
    this.#failed++;
    this.#print(`not ok ${title}: ${reason}`);
  }

  /**
   * What fails is tried once more from the beginning, by other users, and then counts: the SDKs race with themselves, and lose now and then. Why the first try failed is printed.
   * @param {(isAgain: boolean) => Promise<any>} attempt
   */
  async twice(attempt) {
    this.#held = [];
    await attempt(false);
    const failure = this.#held.find(check => check.reason !== undefined);
    if (failure === undefined) {
      this.flush();
      return;
    }
    this.#held = null;
    this.note(`TRIED AGAIN: ${failure.title}: ${failure.reason}`);
    await attempt(true);
  }

  /** Lets what is held count. */
  flush() {
    const held = this.#held ?? [];
    this.#held = null;
    for (const { title, reason } of held) reason === undefined ? this.ok(title) : this.notOk(title, reason);
  }

  note(text) {
    for (const line of String(text).trimEnd().split('\n')) this.#print(`# ${line}`);
  }

  total() {
    this.#print(`${this.#passed} passed, ${this.#failed} failed, 0 skipped`);
  }

  /**
   * Runs steps that stand on each other: after the first failure the rest can't be judged, and what can't be judged has failed.
   * @param {string} name
   * @param {[title: string, step: () => Promise<void>][]} steps
   */
  async scenario(name, steps) {
    let broken = null;
    for (const [title, step] of steps) {
      const full = `${name}: ${title}`;
      if (broken !== null) {
        this.notOk(full, `not reached, "${broken}" failed`);
        continue;
      }
      try {
        this.current = full;
        await step();
        this.ok(full);
      } catch (error) {
        this.notOk(full, explain(error));
        broken = title;
      }
    }
    return broken === null;
  }
}

/** The SDKs throw errors, plain objects and texts alike. */
export function explain(error) {
  const text = error instanceof Error ? error.message
    : typeof error === 'object' ? JSON.stringify(error)
    : String(error);
  return text.replace(/\s*\n\s*/g, ' ').slice(0, 600);
}

export function equal(actual, expected, what) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what} is ${a}, expected ${b}`);
}

export function that(condition, what) {
  if (!condition) throw new Error(what);
}
