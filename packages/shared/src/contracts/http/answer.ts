/** What answers a question that an agent asks with choices: one of them, or yes or no to a permission. */
export const ANSWER = /^([1-9]|yes|no)$/;
