// What the page keeps, and the token that a link may bring (…/#token=…): a browser never sends that part of an address to a server.

/**
 * GraphiQL keeps its queries, headers and history here. The headers hold a token and the history repeats them, so all of it lives as long as
 * the browser's tab; two tabs may be two callers.
 */
export const storage = sessionStorage;

const ours = "granaio:headers";
const graphiqls = "graphiql:headers";

/** The headers edited last, as the editor shows them. */
export function keptHeaders(): string | undefined {
  return storage.getItem(ours) ?? undefined;
}

/** Keeps the headers for the next load of the page. GraphiQL does too, but clears them whenever it starts. */
export function keepHeaders(headers: string): void {
  storage.setItem(ours, headers);
}

/**
 * Prepares the headers before GraphiQL starts: those of the address's token, else those kept. The token leaves the address bar, so that it is
 * neither bookmarked nor copied along, and goes to every query kept here. One that comes into the address of an open page loads the page again.
 */
export function begin(): void {
  addEventListener("hashchange", () => {
    if (addressToken()) location.reload();
  });
  const token = addressToken();
  if (token) {
    history.replaceState(null, "", location.pathname + location.search);
    const headers = JSON.stringify({ Authorization: `Bearer ${token}` }, null, 2);
    keepHeaders(headers);
    giveToTabs(headers);
  }
  storage.setItem(graphiqls, keptHeaders() ?? "");
}

function addressToken(): string | null {
  return new URLSearchParams(location.hash.slice(1)).get("token");
}

function giveToTabs(headers: string): void {
  const kept = storage.getItem("graphiql:tabState");
  if (!kept) return;
  const state = JSON.parse(kept) as { tabs: { headers: string | null }[] };
  for (const tab of state.tabs) tab.headers = headers;
  storage.setItem("graphiql:tabState", JSON.stringify(state));
}
