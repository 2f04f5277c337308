/** What a caller may do: each role may also do what those before it may. */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];
/** `open` asks for none. */
export type RouteRole = Role | 'open';

/** Whether a caller of one role may use what asks for another. */
export const mayUse = (held: Role, asked: RouteRole): boolean =>
  asked === 'open' || ROLES.indexOf(held) >= ROLES.indexOf(asked);
