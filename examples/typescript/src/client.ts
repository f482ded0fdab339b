import { Client, fetchExchange } from "@urql/core";

/** A client of the API; without a token only a demo answers. */
export function connect(url: string, token?: string): Client {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return new Client({
    url,
    exchanges: [fetchExchange],
    preferGetMethod: false, // in production the API answers queries by POST only
    fetchOptions: { headers },
  });
}
