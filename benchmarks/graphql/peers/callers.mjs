// Who calls: the organisation of a bearer token, looked up in our table and remembered for a short while.
import { createHash } from "node:crypto";

const REMEMBERED_MILLISECONDS = 2000;
const ORGANISATION = {
  name: "organisation-of-token",
  text: `SELECT organisation_id FROM api_token WHERE token_hash = $1 AND revoked_at IS NULL
         AND (expires_at IS NULL OR expires_at > now())`,
};

const remembered = new Map();

/** The organisation's id; rejects for a token that admits nobody. */
export async function organisationOf(authorization, pool) {
  const known = remembered.get(authorization);
  if (known !== undefined && known.until > Date.now()) return known.organisation;
  const hash = createHash("sha256").update(String(authorization).replace(/^Bearer /, "")).digest();
  const { rows } = await pool.query({ ...ORGANISATION, values: [hash] });
  if (rows.length === 0) throw new Error("the token is unknown, expired or revoked");
  const organisation = rows[0].organisation_id;
  remembered.set(authorization, { organisation, until: Date.now() + REMEMBERED_MILLISECONDS });
  return organisation;
}
