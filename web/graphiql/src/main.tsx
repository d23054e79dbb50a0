// The page at /: GraphiQL on this server's API.

import { GraphiQL } from "graphiql";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import "graphiql/style.css";
import "./page.css";
import { fetcher } from "./fetcher";
import first from "./first.graphql";
import { begin, keepHeaders, keptHeaders, storage } from "./session";

begin();

function Page() {
  // A new query starts with the headers edited last, so that a token is pasted once.
  const [latest, setLatest] = useState(keptHeaders);
  const edited = (headers: string) => {
    keepHeaders(headers);
    setLatest(headers);
  };
  return (
    <GraphiQL
      fetcher={fetcher}
      defaultTabs={[{ query: first, headers: latest }]}
      defaultQuery=""
      defaultHeaders={latest}
      onEditHeaders={edited}
      defaultEditorToolsVisibility="headers"
      isHeadersEditorEnabled
      shouldPersistHeaders
      showPersistHeadersSettings={false}
      storage={storage}
    >
      <GraphiQL.Logo>Granaio</GraphiQL.Logo>
    </GraphiQL>
  );
}

createRoot(document.getElementById("graphiql")!).render(<Page />);
