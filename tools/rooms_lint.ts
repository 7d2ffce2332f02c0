/**
 * Lint plugin: who may import what, and where the environment may be read. The tables stand in `rooms.ts`.
 *
 * @module
 */
import { dirname, isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ALIASES,
  isTestFile,
  READS_ENVIRONMENT,
  type Room,
  roomOf,
  ROOMS,
  ROOTS,
} from "./rooms.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** What is wrong with an import; null if nothing. */
function complaint(
  file: string,
  specifier: string,
  isTypeOnly: boolean,
): string | null {
  if (specifier.includes("${")) return null;
  const top = topOf(file);
  if (top === "tools" || top === "bench") return null; // import anything
  const isTest = isTestFile(file);
  const name = roomOf(file);
  const room = ROOMS[name];
  if (!room) return `"${file}" is in no room: add its folder to tools/rooms.ts`;
  const alias = Object.keys(ALIASES).find((a) => specifier.startsWith(a));
  const isRelative = specifier.startsWith(".");
  if (!alias && !isRelative) {
    return packageComplaint(name, room, specifier, isTest);
  }
  const target = alias
    ? ALIASES[alias] + specifier.slice(alias.length)
    : join(dirname(file), specifier);
  if (isRelative && topOf(target) !== top) {
    return `A relative path may not leave "${top}/": use an alias of import_map.json`;
  }
  const there = roomOf(target);
  if (there === name) return null;
  if (/^_[^/]*$/.test(target.split("/").at(-1)!)) {
    return `"${target}" is private to its folder`;
  }
  if (isTestFile(target)) {
    return isTest ? null : `Only tests may import "${target}"`;
  }
  if (ROOTS.test(file) && topOf(target) === top) return null;
  if (isTest && (topOf(target) === top || topOf(target) === "shared")) {
    return null;
  }
  if (allows(room.rooms, there)) return null;
  if (isTypeOnly && allows(room.typesOf, there)) return null;
  return allows(room.typesOf, there)
    ? `"${name}" may import types only of "${there}": write "import type"`
    : `"${name}" may not import "${there}": it may import ${listed(room)}`;
}

function packageComplaint(
  name: string,
  room: Room,
  specifier: string,
  isTest: boolean,
): string | null {
  if (isTest) return null;
  const isAllowed = room.packages.some((p) =>
    specifier === p || specifier.startsWith(p.endsWith(":") ? p : `${p}/`)
  );
  return isAllowed
    ? null
    : `"${name}" may not import the package "${specifier}": it may import ${
      room.packages.map((p) => `"${p}"`).join(", ") || "no package"
    }`;
}

function allows(rooms: readonly string[] | undefined, target: string): boolean {
  return rooms?.some((r) => target === r || target.startsWith(`${r}/`)) ??
    false;
}

function listed({ rooms }: Room): string {
  return rooms.map((r) => `"${r}"`).join(", ") || "no other room";
}

function topOf(path: string): string {
  return path.split("/")[0]!;
}

function pathOf(filename: string): string {
  return isAbsolute(filename) ? relative(ROOT, filename) : filename;
}

const plugin: Deno.lint.Plugin = {
  name: "rooms",
  rules: {
    imports: {
      create(context) {
        const file = pathOf(context.filename);
        const check = (
          source: Deno.lint.Expression | null,
          isTypeOnly: boolean,
        ) => {
          if (source?.type !== "Literal" || typeof source.value !== "string") {
            return;
          }
          const message = complaint(file, source.value, isTypeOnly);
          if (message) context.report({ node: source, message });
        };
        return {
          ImportDeclaration(node) {
            check(node.source, node.importKind === "type");
          },
          ExportNamedDeclaration(node) {
            check(node.source, node.exportKind === "type");
          },
          ExportAllDeclaration(node) {
            check(node.source, node.exportKind === "type");
          },
          ImportExpression(node) {
            check(node.source, false);
          },
        };
      },
    },
    environment: {
      create(context) {
        const file = pathOf(context.filename);
        if (READS_ENVIRONMENT.test(file) || isTestFile(file)) return {};
        return {
          "MemberExpression[object.name='Deno'][property.name='env']"(
            node: Deno.lint.MemberExpression,
          ) {
            context.report({
              node,
              message:
                "Only a composition root reads the environment: take the value as an argument",
            });
          },
        };
      },
    },
    "file-name": {
      create(context) {
        const name = pathOf(context.filename).split("/").at(-1)!;
        return {
          Program(node) {
            if (!/^_?[a-z0-9_]+(\.d)?\.tsx?$/.test(name)) {
              context.report({
                node,
                message: `A file is named in snake_case: "${name}"`,
              });
            }
            if (/^test\.tsx?$/.test(name)) {
              context.report({
                node,
                message:
                  `"${name}" is run as a test by \`deno test\`: give it another name`,
              });
            }
          },
        };
      },
    },
  },
};

export default plugin;
