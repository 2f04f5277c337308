/**
 * The smallest useful template language: `{{.Field}}`, `{{if .Field}}…{{else}}…{{end}}`, nested at will. Values are
 * put in as they are and never read as template again.
 *
 * @throws Error that names what is wrong with the template
 */
export function renderTemplate(template: string, fields: Readonly<Record<string, string>>): string {
  const parts = template.split(/\{\{-?\s*(.*?)\s*-?\}\}/s); // text and tags take turns
  const open: { isOn: boolean; hasElse: boolean }[] = [];
  const output: string[] = [];
  const read = (name: string): string => {
    const value = fields[name];
    if (value === undefined) throw new Error(`unknown field .${name}`);
    return value;
  };
  for (const [index, part] of parts.entries()) {
    const isOn = open.every((block) => block.isOn);
    if (index % 2 === 0) {
      if (isOn) output.push(part);
      continue;
    }
    const [, keyword, name] = /^(if\s+)?\.([A-Za-z]+)$/.exec(part) ?? [];
    const inner = open.at(-1);
    if (name !== undefined) {
      const value = read(name);
      if (keyword) open.push({ isOn: value !== '', hasElse: false });
      else if (isOn) output.push(value);
    } else if (part === 'else' && inner && !inner.hasElse) {
      inner.isOn = !inner.isOn;
      inner.hasElse = true;
    } else if (part === 'end' && inner) open.pop();
    else throw new Error(`{{${part.slice(0, 60)}}} means nothing here`);
  }
  if (open.length > 0) throw new Error('an {{if}} has no {{end}}');
  return output.join('');
}
