/**
 * The locale by which models change the case of texts: the operator `StringNormalizer`, which text pipelines of scikit-learn begin with, asks for
 * `en_US.UTF-8`, which few containers have, and whose files a locked process cannot open. `C.UTF-8`, which all have, knows the same letters.
 *
 * @module
 */

const NAME = "en_US.UTF-8";
/** Where distributions keep `C.UTF-8`. */
const FOLDERS = ["/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8"];
const LC_ALL_MASK = 0x1fbf;

/** A folder for `LOCPATH` that has the locale, to be removed once it is loaded; null where there is nothing to make it of. */
export function makeLocalePath(): string | null {
  if (Deno.build.os !== "linux") return null;
  for (const target of FOLDERS) {
    try {
      if (!Deno.statSync(target).isDirectory) continue;
      const folder = Deno.makeTempDirSync({ prefix: "assay-locale-" });
      Deno.symlinkSync(target, `${folder}/${NAME}`);
      return folder;
    } catch { /* the next one */ }
  }
  return null;
}

/** Loads the locale, where this process has it; what is loaded stays. */
export function loadLocale(): void {
  if (Deno.build.os !== "linux") return;
  const { symbols } = Deno.dlopen("libc.so.6", {
    newlocale: { parameters: ["i32", "buffer", "pointer"], result: "pointer" },
  });
  symbols.newlocale(LC_ALL_MASK, new TextEncoder().encode(`${NAME}\0`), null);
}
