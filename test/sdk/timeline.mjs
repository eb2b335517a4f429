// What happened to one client, in order, and waiting for what has not happened yet.

export const PATIENCE_MS = 60_000;

export class Timeline {
  #owner;
  #entries = [];
  #waiting = new Set();

  constructor(owner) {
    this.#owner = owner;
  }

  /** A point in time to look on from: pass it to {@link until} so that older events don't count. */
  get now() {
    return this.#entries.length;
  }

  add(event, data) {
    const entry = { event, data, index: this.#entries.length };
    this.#entries.push(entry);
    for (const wait of [...this.#waiting]) wait(entry);
  }

  /** Everything of one kind since a point in time. */
  since(point, event) {
    return this.#entries.slice(point).filter(entry => entry.event === event);
  }

  /**
   * The first event at or after `from` that matches, whether it has come already or is still to come.
   * @param {string | string[]} event One name, or several of which any will do.
   * @param {{ from?: number, match?: (data: any) => boolean, ms?: number }} options
   */
  async until(event, { from = 0, match = () => true, ms = PATIENCE_MS } = {}) {
    const names = [event].flat();
    const fits = entry => entry.index >= from && names.includes(entry.event) && match(entry.data);
    const past = this.#entries.find(fits);
    if (past) return past;

    let wait;
    const coming = new Promise(resolve => {
      wait = entry => fits(entry) && resolve(entry);
      this.#waiting.add(wait);
    });
    try {
      return await within(coming, ms, () => `${this.#owner} waited for ${names.join(' or ')}, but since then only saw ${this.#names(from)}`);
    } finally {
      this.#waiting.delete(wait);
    }
  }

  #names(from) {
    const names = this.#entries.slice(from).map(entry => entry.event);
    return names.length === 0 ? 'nothing' : [...new Set(names)].join(', ');
  }
}

/** A promise that is given up after a while, with a reason that says what was missing. */
export async function within(promise, ms, reason) {
  let timer;
  const giveUp = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${typeof reason === 'function' ? reason() : reason} (${ms / 1000} s)`)), ms);
  });
  try {
    return await Promise.race([promise, giveUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** Tries again until it holds or has had its time; then says why it does not. Only for what no event tells. */
export async function eventually(attempt, what, ms = PATIENCE_MS) {
  const end = performance.now() + ms;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > end) throw new Error(`${what}: ${error.message}`);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}
