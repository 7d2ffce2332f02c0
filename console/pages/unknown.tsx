import type { JSX } from "preact";
import { useDeps } from "../components/context.ts";
import { Message } from "../components/marks.tsx";
import { TopBar } from "../components/top_bar.tsx";

/** An address that means nothing here. */
export function UnknownPage(): JSX.Element {
  const { place } = useDeps();
  return (
    <>
      <TopBar />
      <main class="narrow-page">
        <Message
          heading="h1"
          title="There is no such page"
          action={{
            words: "All runs",
            onClick: () => place.go({ page: "runs" }),
          }}
        >
          <p>The address may be mistyped or of a newer version.</p>
        </Message>
      </main>
    </>
  );
}
