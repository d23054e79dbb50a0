// How GraphiQL reaches the API: queries and mutations over HTTP, subscriptions over WebSocket (graphql-transport-ws).
// Both are at graphql beside the page, so a proxy may serve the whole under a prefix.

import type { Fetcher, FetcherParams, Observable } from "@graphiql/toolkit";
import { type ExecutionResult, getOperationAST, parse } from "graphql";
import { createClient, type Sink } from "graphql-ws";
import { keptHeaders } from "./session";

type Headers = Record<string, unknown>;

const endpoint = new URL("graphql", document.baseURI);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

/** Sends what the editor holds: one answer for a query or mutation, a stream of them for a subscription. */
export const fetcher: Fetcher = (request, options) => {
  const headers: Headers = options?.headers ?? (isIntrospection(request) ? headersAtStart() : {});
  return isSubscription(request) ? subscribe(request, headers) : post(request, headers);
};

const isIntrospection = ({ operationName }: FetcherParams) => operationName === "IntrospectionQuery";

/** GraphiQL asks for the schema before its headers editor is there, and so without headers. */
function headersAtStart(): Headers {
  try {
    return JSON.parse(keptHeaders() || "{}");
  } catch {
    return {}; // half-written when the page was left
  }
}

function isSubscription({ query, operationName }: FetcherParams): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    return false; // the server says what is wrong with it
  }
}

async function post(request: FetcherParams, headers: Headers) {
  try {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        Accept: "application/graphql-response+json, application/json;q=0.9",
        "Content-Type": "application/json",
        ...(headers as Record<string, string>),
      },
      body: JSON.stringify(request),
    });
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      return mistake(`The server answered ${response.status} ${response.statusText}: ${text}`);
    }
  } catch (error) {
    return mistake(`The server cannot be reached: ${error instanceof Error ? error.message : error}.`);
  }
}

const mistake = (message: string) => ({ errors: [{ message }] });

/** One connection per subscription, with the token it was started with; it closes when the subscription ends. */
function subscribe({ query, variables, operationName }: FetcherParams, headers: Headers) {
  const client = createClient({
    url: socket.href,
    connectionParams: authorization(headers),
    retryAttempts: 0, // whoever tries a query out wants to see that the connection broke
  });
  const stream = {
    subscribe: (sink: Sink<ExecutionResult>) => ({
      unsubscribe: client.subscribe(
        { query, variables, operationName },
        { ...sink, error: (error) => sink.error(explained(error)) },
      ),
    }),
  };
  return stream as Observable<ExecutionResult>; // GraphiQL subscribes with a sink, never with three functions
}

/** The Authorization header, however its name is written, as the connection's parameter. */
function authorization(headers: Headers): Headers | undefined {
  const name = Object.keys(headers).find((name) => name.toLowerCase() === "authorization");
  return name ? { Authorization: headers[name] } : undefined;
}

/** A closed connection in words. GraphQL errors are shown as they are. */
function explained(error: unknown): unknown {
  if (!(error instanceof CloseEvent)) return error;
  const reason = error.reason ? `: ${error.reason}` : "";
  return { message: `The WebSocket connection was closed with code ${error.code}${reason}.` };
}
