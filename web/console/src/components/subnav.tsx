// components/subnav.tsx: pages that belong together, one beside the other

export function Subnav(props: { label: string; here: string; items: { path: string; text: string }[] }) {
  return (
    <nav class="subnav" aria-label={props.label}>
      {props.items.map((i) => (
        <a key={i.path} href={`#${i.path}`} aria-current={i.path === props.here ? 'page' : undefined}>{i.text}</a>
      ))}
    </nav>
  );
}
