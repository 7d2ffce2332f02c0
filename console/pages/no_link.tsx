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
            Assay prints a link in the terminal where it is started. The link
            holds a token that lets this browser in; it is kept for this tab
            only.
          </p>
          <p>
            Open the line that looks like{" "}
            <code>http://127.0.0.1:54321/#token=…</code>
          </p>
          <p>Not running yet?</p>
          <pre class="terminal">deno task start</pre>
        </Message>
      </main>
    </>
  );
}
