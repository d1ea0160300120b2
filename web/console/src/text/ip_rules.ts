// text/ip_rules.ts: lists of addresses as people paste them; whether a rule is good says the authority

/** What was pasted or typed into one field, as single rules: commas, spaces and lines separate. */
export function rulesSplit(text: string): string[] {
  return text.split(/[\s,;]+/).filter((rule) => rule !== '');
}

/** Nothing that was not there before: the change only takes away. */
export function isSubset(now: string[], before: string[]): boolean {
  return now.every((entry) => before.includes(entry));
}

export function sameSet(a: string[], b: string[]): boolean {
  return a.length === b.length && isSubset(a, b);
}
