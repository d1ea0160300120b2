// text/password.ts: what is asked of a password, before it is refused

export const PASSWORD_HINT = 'At least 10 characters; a few words in a row are good.';
