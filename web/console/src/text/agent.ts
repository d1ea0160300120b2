// text/agent.ts: a browser's name from what it says of itself; pure

/** "Firefox 140 on Linux"; what is not known stays as it is, cut. */
export function browser(agent: string): string {
  const known: [RegExp, string][] = [
    [/Edg\/(\d+)/, 'Edge'], [/OPR\/(\d+)/, 'Opera'], [/Firefox\/(\d+)/, 'Firefox'], [/Chrom(?:e|ium)\/(\d+)/, 'Chrome'],
    [/HeadlessChrome\/(\d+)/, 'Chrome'], [/Version\/(\d+).*Safari/, 'Safari'],
  ];
  const systems: [RegExp, string][] = [
    [/iPhone|iPad/, 'iOS'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux'],
  ];
  for (const [pattern, name] of known) {
    const found = pattern.exec(agent);
    if (!found) continue;
    const system = systems.find(([p]) => p.test(agent));
    return `${name} ${found[1]}${system ? ` on ${system[1]}` : ''}`;
  }
  return agent === '' ? 'Unknown' : agent.length > 60 ? `${agent.slice(0, 60)}…` : agent;
}
