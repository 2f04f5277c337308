/** JSON as Python's `json.dumps` writes it, because the signature is over these bytes: spaces, and ASCII only. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).filter(([, held]) => held !== undefined);
    return `{${pairs.map(([name, held]) => `${pythonJson(name)}: ${pythonJson(held)}`).join(', ')}}`;
  }
  return (JSON.stringify(value) ?? 'null').replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
