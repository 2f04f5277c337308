import { badDetail, badField, badTogether, Refusal } from './refusal.ts';

export type Body = Readonly<Record<string, unknown>>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
export const isUuid = (text: string): boolean => UUID.test(text);

export function parseBody(raw: Buffer | undefined, contentType: string | undefined): Body {
  if (!raw || raw.length === 0) return {};
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(raw.toString()));
  if (type !== 'application/json') {
    throw new Refusal(415, { detail: `Unsupported media type "${contentType ?? ''}" in request.` });
  }
  return asObject(parseJson(raw.toString('utf8')));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badDetail('JSON parse error - Expecting value: line 1 column 1 (char 0)');
  }
}

function asObject(value: unknown): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badTogether('Invalid data. Expected a dictionary.');
  }
  return value as Body; // an object that came out of JSON.parse has string keys only
}

interface TextRule {
  readonly max?: number;
  readonly blank?: boolean;
  readonly trim?: boolean;
}

/** A string field with the serializer's own error texts. Numbers become strings, as in Django. */
export function textOf(
  body: Body,
  field: string,
  { max, blank = false, trim = true }: TextRule = {},
): string | undefined {
  const value = body[field];
  if (value === undefined) return undefined;
  if (value === null) throw badField(field, 'This field may not be null.');
  if (typeof value !== 'string' && typeof value !== 'number') throw badField(field, 'Not a valid string.');
  const text = trim ? String(value).trim() : String(value);
  if (text.includes('\0')) throw badField(field, 'Null characters are not allowed.');
  if (text === '' && !blank) throw badField(field, 'This field may not be blank.');
  if (max !== undefined && [...text].length > max) {
    throw badField(field, `Ensure this field has no more than ${max} characters.`);
  }
  return text;
}

export const nullableTextOf = (body: Body, field: string, rule: TextRule = {}): string | null | undefined =>
  body[field] === null ? null : textOf(body, field, { blank: true, ...rule });

export function requiredText(body: Body, field: string, rule: TextRule = {}): string {
  const text = textOf(body, field, rule);
  if (text === undefined) throw badField(field, 'This field is required.');
  return text;
}

export function choiceOf<T extends string>(body: Body, field: string, choices: readonly T[]): T | undefined {
  const value = body[field];
  if (value === undefined) return undefined;
  if (value === null) throw badField(field, 'This field may not be null.');
  const choice = choices.find((c) => c === value);
  if (choice === undefined) throw badField(field, `"${String(value)}" is not a valid choice.`);
  return choice;
}

export function dateOf(body: Body, field: string): string | null | undefined {
  const value = body[field];
  if (value === undefined || value === null) return value;
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value) || Number.isNaN(Date.parse(value))) {
    throw badField(field, 'Date has wrong format. Use one of these formats instead: YYYY-MM-DD.');
  }
  return value;
}

export function integerOf(body: Body, field: string, min: number, max: number): number | null | undefined {
  const value = body[field];
  if (value === undefined || value === null) return value;
  const number = Number(value);
  if (!Number.isInteger(number)) throw badField(field, 'A valid integer is required.');
  if (number < min) throw badField(field, `Ensure this value is greater than or equal to ${min}.`);
  if (number > max) throw badField(field, `Ensure this value is less than or equal to ${max}.`);
  return number;
}

/** Ids of existing rows. An unknown id is an error that names its place in the list. */
export function idsOf(body: Body, field: string, exists: (id: string) => boolean): string[] | undefined {
  const value = body[field];
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw badField(field, `Expected a list of items but got type "${typeof value}".`);
  const ids = value.map(String);
  const bad = ids.findIndex((id) => !isUuid(id) || !exists(id));
  if (bad >= 0) throw new Refusal(400, { [field]: { [bad]: [pkMessage(ids[bad] ?? '')] } });
  return [...new Set(ids)];
}

export function idOf(body: Body, field: string, exists: (id: string) => boolean): string | null | undefined {
  const value = body[field];
  if (value === undefined || value === null) return value;
  const id = String(value);
  if (!isUuid(id) || !exists(id)) throw badField(field, pkMessage(id));
  return id;
}

const pkMessage = (id: string): string =>
  isUuid(id) ? `Invalid pk "${id}" - object does not exist.` : `“${id}” is not a valid UUID.`;
