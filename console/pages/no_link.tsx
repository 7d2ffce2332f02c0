import type { JSX } from "preact";
import { Message } from "../components/marks.tsx";
import { TopBar } from "../components/top_bar.tsx";

/** Nobody is signed in, or the link is no longer valid. */
export function NoLinkPage({ isStale }: { isStale: boolean }): JSX.Element {
  return (
    <>
      <TopBar />
      <main class="narrow-page">
        <Message
          heading="h1"
          title={isStale
            ? "This link is no longer valid"
            : "Open Assay by its link"}
        >
          <p>
            Assay prints a link when it starts. It holds a token that lets this
            browser in; the token is kept for this tab only.
          </p>
          <p>Start it, or show the link of one that runs:</p>
          <pre class="terminal">deno task start</pre>
          <p>
            Then open the line that looks like{" "}
            <code>http://127.0.0.1:54321/#token=…</code>
          </p>
        </Message>
      </main>
    </>
  );
}
