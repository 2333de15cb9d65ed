// Why something was refused: a code that the options page and the card have words for.

export class Problem extends Error {
  /**
   * @param {import("./types").ProblemCode} code
   * @param {string} detail for developers; not shown
   */
  constructor(code, detail = "") {
    super(`${code} ${detail}`.trim());
    this.code = code;
  }
}

/**
 * @param {unknown} truth
 * @param {import("./types").ProblemCode} code
 * @param {string} detail
 * @returns {asserts truth}
 */
export function insist(truth, code, detail) {
  if (!truth) throw new Problem(code, detail);
}
