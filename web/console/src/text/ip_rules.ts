// text/ip_rules.ts: lists of addresses as people paste them; whether a rule is good says the authority

/** What was pasted or typed into one field, as single rules: commas, spaces and lines separate. */
export function rulesSplit(text: string): string[] {
  return text.split(/[\s,;]+/).filter((rule) => rule !== '');
}

export function sameSet(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((entry) => b.includes(entry));
}
