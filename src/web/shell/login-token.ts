// The token within what a person pastes: the whole link that the terminal printed, or the token alone.

/** Longer than any token is. */
const LENGTH_MAX = 4096;

/** The token; null: the text is empty, or no token can be in it. */
export function readToken(text: string): string | null {
  const clean = text.trim();
  const inLink = /[?&]token=([^&#\s]+)/.exec(clean);
  const token = inLink?.[1] ?? clean;
  return token === '' || token.length > LENGTH_MAX || /\s/.test(token) ? null : token;
}
