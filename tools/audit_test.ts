import assert from "node:assert/strict";
import { NoAdvisories } from "./audit/advisory.ts";
import { auditNpm, lockedPackages } from "./audit/npm_audit.ts";
import { auditPython, pinnedPackages } from "./audit/python_audit.ts";

/** A registry that knows one weakness of npm's `bad` and one of Python's `weak`. */
async function withRegistry(
  body: (url: string, asked: unknown[]) => Promise<void>,
): Promise<void> {
  const asked: unknown[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/-/npm/v1/security/advisories/bulk") {
        const packages = await request.json();
        asked.push(packages);
        return Response.json(
          packages.bad
            ? {
              bad: [{
                id: 1,
                url: "https://advisories.test/GHSA-1234-abcd-5678",
                title: "Lets everybody in",
                severity: "critical",
                vulnerable_versions: "<2.0.0",
              }],
            }
            : {},
        );
      }
      asked.push(pathname);
      const isWeak = pathname === "/pypi/weak/1.0/json";
      return Response.json({
        vulnerabilities: isWeak
          ? [
            { id: "PYSEC-1", summary: "Falls over", fixed_in: ["1.1"] },
            { id: "PYSEC-2", summary: "Was none", withdrawn: "2026-01-01" },
          ]
          : [],
      });
    },
  );
  try {
    await body(`http://127.0.0.1:${server.addr.port}`, asked);
  } finally {
    await server.shutdown();
  }
}

Deno.test("lockedPackages() has every version of the lock once, peers left out", () => {
  const lock = JSON.stringify({
    npm: {
      "a@1.0.0": {},
      "a@1.0.0_b@2.0.0": {},
      "a@2.0.0-rc.1": {},
      "@c/d@3.1.0_e@1.0.0": {},
    },
  });
  assert.deepEqual(lockedPackages(lock), {
    a: ["1.0.0", "2.0.0-rc.1"],
    "@c/d": ["3.1.0"],
  });
});

Deno.test("lockedPackages() reads the lock of this repository", async () => {
  const path = new URL("../deno.lock", import.meta.url);
  const packages = lockedPackages(await Deno.readTextFile(path));
  assert.ok(packages.hono && packages["@supabase/supabase-js"]);
});

Deno.test("pinnedPackages() has each pin once, whatever its marker", () => {
  const files = [
    'numpy==2.4.6; python_version >= "3.11"\nnumpy==2.2.6; python_version < "3.11"\n# no pin\n',
    "pytest==9.2.0\nnumpy==2.2.6\n-r other.txt\n",
  ];
  assert.deepEqual(pinnedPackages(files), [
    ["numpy", "2.4.6"],
    ["numpy", "2.2.6"],
    ["pytest", "9.2.0"],
  ]);
});

Deno.test("auditNpm() asks once about all, and tells what is known", async () => {
  await withRegistry(async (url, asked) => {
    const packages = { bad: ["1.0.0"], good: ["1.0.0", "2.0.0"] };
    const { nPackages, advisories } = await auditNpm(`${url}/`, packages);
    assert.equal(nPackages, 3);
    assert.deepEqual(asked, [packages]);
    assert.deepEqual(advisories, [{
      package: "bad@1.0.0",
      id: "GHSA-1234-abcd-5678",
      severity: "critical",
      title: "Lets everybody in (<2.0.0)",
    }]);
    assert.deepEqual((await auditNpm(url, { good: ["1"] })).advisories, []);
  });
});

Deno.test("auditPython() tells what is known and was not withdrawn", async () => {
  await withRegistry(async (url) => {
    const { nPackages, advisories } = await auditPython(`${url}/`, [
      ["fine", "2.0"],
      ["weak", "1.0"],
    ]);
    assert.equal(nPackages, 2);
    assert.deepEqual(advisories.map((a) => [a.package, a.id, a.title]), [
      ["weak@1.0", "PYSEC-1", "Falls over (fixed in 1.1)"],
    ]);
  });
});

Deno.test("a registry that cannot say is not taken for one that says nothing is wrong", async () => {
  const servers = [
    () => new Response(null, { status: 405 }),
    () => new Response("<html>"),
  ].map((answer) =>
    Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer)
  );
  const urls = servers.map(({ addr }) => `http://127.0.0.1:${addr.port}`);
  try {
    for (const url of [...urls, "http://127.0.0.1:1"]) {
      await assert.rejects(auditNpm(url, { a: ["1"] }), NoAdvisories);
      await assert.rejects(auditPython(`${url}/`, [["a", "1"]]), NoAdvisories);
    }
  } finally {
    await Promise.all(servers.map((server) => server.shutdown()));
  }
});
